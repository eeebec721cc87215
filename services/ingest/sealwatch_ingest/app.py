"""The public door: routes, and what each outcome answers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from sealwatch.contracts.codec import Record
from sealwatch.contracts.door import BadBody
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.logs import logger
from sealwatch.shell.manual import manual
from sealwatch.shell.metrics import EVENTS_ACCEPTED, EVENTS_REFUSED, INTAKE_SECONDS
from sealwatch_ingest.auth import Denied, Sender, Senders, has_credential, sender_of
from sealwatch_ingest.bodies import JSON, body_of, limit_of, media_type
from sealwatch_ingest.documents import described
from sealwatch_ingest.front import Endpoint, Front
from sealwatch_ingest.intake import DOORS, Door, Intake, Verdict, numbered
from sealwatch_ingest.limits import RateLimit
from sealwatch_ingest.problems import problem, shown

RETRY_AFTER_SECONDS = 2
UNKNOWN_OUTCOME = (
    "Kafka did not confirm; the event may still be written. Send it again under the same event_id."
)
SLICE_LINES = 500  # about 10 ms of work; ours
_ACCEPTED = {door.path: EVENTS_ACCEPTED.labels(door.event_type) for door in DOORS}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes need from outside."""

    publish: Callable[[Sequence[Record]], Awaitable[None]]
    senders: Senders
    clock: Callable[[], datetime]
    limit: RateLimit


def create_app(parts: Parts, routes: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Return the public door; its hot routes are plain ones, documented beside."""
    app = FastAPI(title="Sealwatch intake", version="1", docs_url=None, redoc_url=None)
    hot = {door.path: _endpoint(door, parts) for door in DOORS}
    doors = [Route(path, post, methods=["POST"], include_in_schema=False) for path, post in hot.items()]
    app.router.routes[:0] = doors  # for other methods: posts are answered in front
    app.openapi = lambda: described(app.title, DOORS)  # type: ignore[method-assign]  # FastAPI's own way
    app.router.routes.extend([*routes, manual(app.openapi)])
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(Exception, _fault)
    return Front(hot, app, _fault)


def _endpoint(door: Door, parts: Parts) -> Endpoint:
    async def post(request: Request) -> Response:
        with INTAKE_SECONDS.time():
            try:
                return await _posted(request, door, parts)
            except BadBody as bad:
                EVENTS_REFUSED.labels(bad.code).inc()
                return problem(bad.status, bad.code, errors=bad.errors, headers=_ending(bad.status))
            except Denied as denied:
                EVENTS_REFUSED.labels(denied.code).inc()
                return problem(denied.status, denied.code, headers=denied.headers)
            except ClientDisconnect:
                return Response(status_code=400)  # nobody is there to read it
            except BrokerUnavailable:
                EVENTS_REFUSED.labels("log_unavailable").inc()
                headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
                return problem(503, "log_unavailable", detail=UNKNOWN_OUTCOME, headers=headers)

    return post


async def _posted(request: Request, door: Door, parts: Parts) -> Response:
    sender = _admitted(request, parts)
    kind = media_type(request)
    body = await body_of(request, limit_of(kind))
    intake = Intake(door, sender, parts.senders, parts.clock())
    verdicts = [intake.take(body)] if kind == JSON else await _taken(intake, body)
    if intake.records:
        await parts.publish(intake.records)
    _count(door, verdicts)
    return _one(verdicts[0]) if kind == JSON else _many(verdicts)


async def _taken(intake: Intake, body: bytes) -> list[Verdict]:
    """Take a batch in slices, so that a large one does not keep the small requests waiting."""
    lines = numbered(body)
    verdicts: list[Verdict] = []
    for start in range(0, len(lines), SLICE_LINES):
        verdicts += intake.take_lines(lines[start : start + SLICE_LINES])
        await asyncio.sleep(0)
    return verdicts


def _admitted(request: Request, parts: Parts) -> Sender:
    if has_credential(request.scope["query_string"].decode("latin-1")):
        raise Denied(400, "credential_in_url")
    now = parts.clock()
    sender = sender_of(request.headers.getlist("authorization"), parts.senders, now)
    wait = parts.limit.wait(sender.key_id, now)
    if wait is not None:
        raise Denied(429, "too_many_requests", {"Retry-After": str(wait)})
    return sender


def _one(verdict: Verdict) -> Response:
    if verdict.uid is None:
        return problem(verdict.status, verdict.code, errors=verdict.errors)
    return _json(202, {"status": "accepted", **_accepted(verdict.uid), **_flagged(verdict)})


def _many(verdicts: Sequence[Verdict]) -> Response:
    accepted = sum(verdict.uid is not None for verdict in verdicts)
    status = 202 if accepted == len(verdicts) else 207 if accepted else 422
    results = list(map(_line, verdicts))
    return _json(status, {"accepted": accepted, "refused": len(verdicts) - accepted, "results": results})


def _line(verdict: Verdict) -> dict[str, Any]:
    if verdict.uid is not None:
        return {"line": verdict.line, "uid": verdict.uid.hex(), **_flagged(verdict)}
    errors = [shown(error) for error in verdict.errors]
    return {"line": verdict.line, "status": verdict.status, "code": verdict.code, "errors": errors}


def _accepted(uid: bytes) -> dict[str, str]:
    return {"uid": uid.hex(), "receipt": f"/v1/receipts/{uid.hex()}"}


def _flagged(verdict: Verdict) -> dict[str, Any]:
    """Return what is odd about an accepted event, when anything is."""
    return {"flags": verdict.flags} if verdict.flags else {}


def _json(status: int, body: object) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _count(door: Door, verdicts: Sequence[Verdict]) -> None:
    refused = [verdict.code for verdict in verdicts if verdict.uid is None]
    _ACCEPTED[door.path].inc(len(verdicts) - len(refused))
    if refused:
        for code, number in Counter(refused).items():
            EVENTS_REFUSED.labels(code).inc(number)


def _ending(status: int) -> dict[str, str]:
    """Return the header that ends a connection on which an unread body may still be coming."""
    return {"Connection": "close"} if status in (408, 413) else {}


async def _http_problem(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code = {404: "not_found", 405: "method_not_allowed"}.get(status, "refused")
    return problem(status, code, headers=headers)


async def _fault(request: Request, error: Exception) -> Response:
    """Answer for a mistake of ours; the framework raises it again, so it is said here only."""
    logger().error("request failed", path=request.scope["path"], exc_info=error)
    return problem(500, "internal_error")
