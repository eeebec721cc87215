"""The api: its routes, and its OpenAPI 3.1 document."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute

from sealwatch.contracts.products import SentFacts
from sealwatch.shell.manual import manual
from sealwatch.shell.policies import PolicyDocument
from sealwatch_api import (
    acknowledgements,
    actions,
    audit,
    bounces,
    chains,
    decisions,
    departments,
    devices,
    endpoints,
    escalation_rules,
    explanation,
    facts,
    keys,
    letters,
    links,
    mailboxes,
    overrides,
    policies,
    products,
    public,
    quarantine,
    receipts,
    releases,
    replays,
    rollups,
    routing_rules,
    silences,
    subscriptions,
    warnings,
)
from sealwatch_api.endpoint_forms import ReplayRange, Rotation
from sealwatch_api.escalation_rules import NewEscalationRules
from sealwatch_api.failures import Counted, answer_failures
from sealwatch_api.forms import (
    Acknowledged,
    DeviceFacts,
    NewKey,
    NewOverride,
    NewSubscription,
    Publication,
    Withdrawal,
)
from sealwatch_api.parts import Parts
from sealwatch_api.problems import MEDIA_TYPE, Problem
from sealwatch_api.release_forms import NewRelease, Recall
from sealwatch_api.resolutions import Dismissal, Replay, ReplayMany
from sealwatch_api.routing_forms import DepartmentFacts, DryRun, FollowUp, NewRules, NewSilence
from sealwatch_api.subscription_forms import SubscriptionChange

BODIES = (
    SentFacts,
    NewKey,
    NewSubscription,
    DeviceFacts,
    Replay,
    ReplayMany,
    Dismissal,
    PolicyDocument,
    Publication,
    Withdrawal,
    NewOverride,
    DepartmentFacts,
    NewRules,
    NewEscalationRules,
    NewSilence,
    DryRun,
    FollowUp,
    Rotation,
    SubscriptionChange,
    ReplayRange,
    Acknowledged,
    NewRelease,
    Recall,
)
ROUTERS = (
    products,
    explanation,
    overrides,
    facts,
    rollups,
    warnings,
    decisions,
    actions,
    acknowledgements,
    chains,
    mailboxes,
    bounces,
    links,
    releases,
    public,
    receipts,
    subscriptions,
    endpoints,
    replays,
    departments,
    silences,
    routing_rules,
    escalation_rules,
    audit,
    keys,
    devices,
    letters,
    quarantine,
    policies,
)
_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = {"schema": {"$ref": _REFERENCE.format(model="Problem")}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    "default": {"description": "A problem document (RFC 9457).", "content": {MEDIA_TYPE: _PROBLEM}}
}


def create_app(parts: Parts | None, routes: Sequence[BaseRoute] = ()) -> FastAPI:
    """Return the api; without parts it can only describe itself."""
    app = FastAPI(title="Sealwatch", version="1", docs_url=None, redoc_url=None, responses=_REFUSALS)
    app.state.parts = parts
    app.router.routes.extend(routes)
    for module in ROUTERS:
        app.include_router(module.router)
    answer_failures(app)
    app.add_middleware(Counted)
    plain = app.openapi
    app.openapi = cache(lambda: _completed(plain()))  # type: ignore[method-assign]  # FastAPI's own way
    app.router.routes.append(manual(app.openapi))
    return app


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    """Add the models that pass through our own door, which FastAPI does not see."""
    schemas = document["components"]["schemas"]
    for model in (*BODIES, Problem):
        schema = model.model_json_schema(ref_template=_REFERENCE)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    return document
