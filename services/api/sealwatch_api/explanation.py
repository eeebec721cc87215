"""Why a product stands where it stands: now, at any instant before, and when its level changed."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from sealwatch.contracts.base import Instant, ProductId
from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.contracts.risk import LevelWord
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.risk.facts import Facts, unknown
from sealwatch.risk.flips import Scene
from sealwatch.risk.levels import Standing
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import decode
from sealwatch.scoring.history import Past, Recorded, walked_again
from sealwatch.scoring.pack import unpacked
from sealwatch.scoring.weightiest import Behind
from sealwatch_api.auth import Access, RiskReader
from sealwatch_api.explained import EventBehind, Explanation, events_of, explanation_of
from sealwatch_api.forms import HexId
from sealwatch_api.levels import Override, level_in_force, override_of, past_override_of, word
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import explanations as queries
from sealwatch_api.queries import overrides
from sealwatch_api.risks import Change, change_of, item_of
from sealwatch_api.scored_with import calendar, policies_of

router = APIRouter(tags=["products"])
MOST_EVENTS = 50_000  # of one product, read or walked again for one answer: about a second; ours
_EPOCH, _MILLISECOND = datetime.fromtimestamp(0, UTC), timedelta(milliseconds=1)


class ExplanationAsked(BaseModel):
    """When; an unknown parameter is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: Annotated[Instant | None, Field(description="what was known at this instant; now if left out")] = (
        None
    )


class ProductExplanation(Explanation):
    """The explanation of a product, with the level in force and the events behind the sums.

    The figures are those of ``assessed_at``, the newest event or sweep that touched the product. Of
    ``events`` the ten heaviest are listed; ``events_count`` counts those that hold evidence.
    """

    product_id: str
    as_of: datetime | None
    risk_level: LevelWord
    override: Override | None
    stale: bool
    events: list[EventBehind]
    events_count: int
    events_complete: Annotated[bool, Field(description="false where only the newest were looked at")]


class ChangeInFull(Change):
    """A level change with the explanation of the level that the model gave then.

    Empty where a product was first seen at its start level, and in changes of before: ask for the
    explanation as of ``changed_at``.
    """

    explanation: Explanation | None


@router.get("/v1/products/{product_id}/explanation")
async def get_explanation(
    access: RiskReader, product_id: ProductId, asked: Annotated[ExplanationAsked, Query()]
) -> ProductExplanation:
    """Explain a product's level and index, now or as they were known at an instant."""
    if asked.as_of is not None:
        return await _explained_as_of(access, product_id, asked.as_of)
    async with access.transaction() as connection:
        row = await queries.behind(connection, product_id, MOST_EVENTS)
        if row is None:
            raise not_found()
        policies = await policies_of(connection, access.parts, [row])
    return await asyncio.to_thread(_explained, row, _policy(policies, row), access.parts.clock())


def _policy(policies: Mapping[str, Policy], row: RowMapping) -> Policy:
    policy = policies.get(row["policy_version"])
    if policy is None:
        raise Declined(409, "policy_unknown", detail="it was assessed under a version that is not here")
    return policy


def _explained(row: RowMapping, policy: Policy, now: datetime) -> ProductExplanation:
    item = item_of(row, policy)
    standing = Standing(Level(row["level"]), row["below_since"])
    scene = Scene(standing, item.state, item.facts, policy, item.at)
    columns = ("all_uid", "all_type", "all_source", "all_occurred_at", "all_folded")
    rows = list(zip(*(row[name] or () for name in columns), strict=True))
    events, count = events_of(map(_behind, rows), scene)
    return ProductExplanation(
        **dict(explanation_of(scene)),
        product_id=row["product_id"],
        as_of=None,
        risk_level=word(level_in_force(row, now)),
        override=override_of(row, now),
        stale=row["stale"],
        events=events,
        events_count=count,
        events_complete=len(rows) < MOST_EVENTS,
    )


def _behind(row: tuple[bytes, str, str, datetime, bytes]) -> Behind:
    uid, type_, source, occurred_at, folded = row
    return Behind(uid, type_, source, int(occurred_at.timestamp()), unpacked(folded))


async def _explained_as_of(access: Access, product_id: str, as_of: datetime) -> ProductExplanation:
    if as_of > access.parts.clock():
        raise Declined(422, "as_of_in_the_future")
    async with access.transaction() as connection:
        rows = await queries.recorded(connection, product_id, MOST_EVENTS + 1)
        recorded = _recorded(rows, product_id)
        policy_on = await calendar(connection, access.parts, as_of.date())
    past = await asyncio.to_thread(walked_again, recorded, policy_on, _ms(as_of))
    if past is None:
        raise not_found()
    async with access.transaction() as connection:
        said = await overrides.find(connection, product_id, past.product.override_revision)
    return await asyncio.to_thread(_explained_past, past, said, as_of)


def _recorded(rows: Sequence[RowMapping], product_id: str) -> list[Recorded]:
    """Return the stored events, or raise Declined where they are not all that was scored."""
    if not rows:
        raise not_found()
    if len(rows) > MOST_EVENTS:
        raise Declined(409, "history_too_long", detail=f"more than {MOST_EVENTS} events; score anew instead")
    found = [row for row in rows if row["body"] is not None]
    if len(found) < rows[0]["events"]:
        raise Declined(410, "events_dropped", detail="events of this product were dropped by age")
    key = product_id.encode()
    return [
        Recorded(
            Received(
                EVIDENCE.name,
                row["partition"],
                row["offset"],
                _ms(row["appended"]),
                key,
                row["body"],
                unpacked_headers(row["headers"]),
            ),
            _ms(row["instant"]),
        )
        for row in found
    ]


def _ms(instant: datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _explained_past(past: Past, said: RowMapping | None, as_of: datetime) -> ProductExplanation:
    product, policy = past.product, past.policy
    scene = Scene(product.standing, product.state, product.facts(policy), policy, past.at)
    events, count = events_of(_left(past), scene)
    override = past_override_of(product, said, as_of)
    in_force = product.override.level if override and override.in_force and product.override else None
    return ProductExplanation(
        **dict(explanation_of(scene)),
        product_id=product.product_id,
        as_of=as_of,
        risk_level=word(in_force or product.standing.level),
        override=override,
        stale=product.stale,
        events=events,
        events_count=count,
        events_complete=True,
    )


def _left(past: Past) -> Iterator[Behind]:
    """Return the events that nobody had taken back."""
    for kept in past.kept:
        event = kept.arrival.event
        if kept.retracted_by is None:
            yield Behind(event.uid, event.type, event.source, event.occurred_at, kept.folded)


@router.get("/v1/level-changes/{uid}")
async def get_level_change(access: RiskReader, uid: HexId) -> ChangeInFull:
    """Show one level change with the explanation of where the model put the product then."""
    async with access.transaction() as connection:
        row = await queries.change(connection, bytes.fromhex(uid))
        if row is None:
            raise not_found()
        policies = await policies_of(connection, access.parts, [row])
    policy = policies.get(row["policy_version"])
    explanation = None
    if policy is not None and row["state"] is not None:
        explanation = await asyncio.to_thread(explanation_of, _scene(row, policy))
    return ChangeInFull(**dict(change_of(row)), explanation=explanation)


def _scene(row: RowMapping, policy: Policy) -> Scene:
    """Return what a level change left: everything that its explanation depends on is in its row."""
    revision = row["facts_revision"]
    facts = Facts(row["category"], row["severity_class"], revision=revision) if revision else unknown(policy)
    standing = Standing(Level(row["model_level"]), row["below_since"])
    return Scene(standing, decode(row["state"]), facts, policy, int(row["changed_at"].timestamp()))
