"""The OpenAPI 3.1 document of the plain routes, made from the same models that judge the bodies."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sealwatch_ingest.bodies import JSON, NDJSON
from sealwatch_ingest.intake import Door

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, for machines"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
ANSWERS = {
    "202": "Durable: confirmed by all replicas in sync; `flags` says what is odd about the event.",
    "207": "NDJSON of which some lines were refused; each line has its verdict.",
    "400": "Not strict JSON.",
    "401": "No key, an unknown one, or one that is revoked.",
    "403": "The key may not send this kind of event.",
    "408": "The body did not arrive in time.",
    "413": "Too large.",
    "415": "Media type, charset or encoding that is not taken.",
    "422": "Well formed, and refused.",
    "429": "Too many requests of this key.",
    "503": "Come back after `Retry-After`; sending again under the same event_id is free. "
    "`log_unavailable`: Kafka did not confirm in time. `registry_not_read`: just started, knows no key yet.",
}


def described(title: str, doors: Iterable[Door]) -> dict[str, Any]:
    """Return the document."""
    return _document(title, tuple(doors))


@cache
def _document(title: str, doors: tuple[Door, ...]) -> dict[str, Any]:
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths = {door.path: {"post": _operation(door, schemas)} for door in doors}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        "security": [{"key": []}],
    }


def _operation(door: Door, schemas: dict[str, Any]) -> Mapping[str, Any]:
    schema = door.model.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schema.pop("$defs", {}))
    schemas[door.model.__name__] = schema
    reference = {"$ref": f"#/components/schemas/{door.model.__name__}"}
    line = {"schema": {"type": "string", "description": f"one {door.model.__name__} a line"}}
    return {
        "summary": (door.model.__doc__ or "").partition("\n")[0],
        "operationId": door.event_type.replace(".", "_"),
        "requestBody": {"required": True, "content": {JSON: {"schema": reference}, NDJSON: line}},
        "responses": {status: _answer(status, text) for status, text in ANSWERS.items()},
    }


def _answer(status: str, text: str) -> dict[str, Any]:
    if status in ("202", "207"):
        return {"description": text, "content": {JSON: {"schema": {"type": "object"}}}}
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": text, "content": {"application/problem+json": problem}}
