"""What every failure answers, and the count of answers."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sealwatch.contracts.base import NO_INSTANT
from sealwatch.contracts.door import BadBody, FieldError
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import REQUESTS
from sealwatch_api.forms import NO_MOMENT
from sealwatch_api.problems import Declined, answer

RETRY_AFTER_SECONDS = "2"
MAX_ERRORS = 20  # an answer stays small whatever was asked; ours
NO_TIMES = frozenset({"datetime_parsing", "datetime_from_date_parsing", "timezone_aware", NO_MOMENT})
_CODES = {404: "not_found", 405: "method_not_allowed"}


def answer_failures(app: FastAPI) -> None:
    """Let every failure answer as a problem document."""
    app.add_exception_handler(Declined, _declined)
    app.add_exception_handler(BadBody, _bad_body)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(HTTPException, _refused)
    for passing in (DBAPIError, PoolTimeout, *TRANSIENT):
        app.add_exception_handler(passing, _database)
    app.add_exception_handler(Exception, _broken)


async def _declined(_request: Request, error: Exception) -> Response:
    return answer(error) if isinstance(error, Declined) else _internal()


async def _bad_body(_request: Request, error: Exception) -> Response:
    if not isinstance(error, BadBody):
        return _internal()
    return answer(Declined(error.status, error.code, errors=error.errors))


async def _bad_request(_request: Request, error: Exception) -> Response:
    """Say where and of which kind; pydantic's own text could quote what was sent."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    fields = [_field(one["loc"], str(one["type"])) for one in found[:MAX_ERRORS]]
    return answer(Declined(422, "invalid_field", errors=fields))


def _field(location: tuple[str | int, ...], kind: str) -> FieldError:
    """Return the error of one parameter; the name of an unknown one is input and is not repeated."""
    if kind == "extra_forbidden":
        return FieldError("", "unknown_parameter", "is not a parameter of this list")
    if kind in NO_TIMES:
        return FieldError(f"/{location[-1]}", "bad_timestamp", NO_INSTANT)
    return FieldError(f"/{location[-1]}", "invalid_field", "does not have the form that is asked for")


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _internal()
    code = _CODES.get(error.status_code, "refused")
    return answer(Declined(error.status_code, code, headers=error.headers))


async def _database(request: Request, error: Exception) -> Response:
    cause = getattr(error, "orig", None)
    while cause is not None and not isinstance(cause, TRANSIENT):
        cause = cause.__cause__
    passing = not isinstance(error, DBAPIError) or error.connection_invalidated or cause is not None
    if not passing:
        return await _broken(request, error)
    logger().error("database unavailable", reason=type(cause or error).__name__, path=_route(request))
    headers = {"Retry-After": RETRY_AFTER_SECONDS}
    return answer(Declined(503, "database_unavailable", headers=headers))


async def _broken(request: Request, error: Exception) -> Response:
    logger().error("request failed", path=_route(request), exc_info=error)
    return _internal()


def _internal() -> Response:
    return answer(Declined(500, "internal_error"))


def _route(request: Request) -> str:
    """Return the route, not the address: ids of others stay out of the logs."""
    return str(getattr(request.scope.get("route"), "path", ""))


class Counted:
    """Counts answers by status class and keeps them out of caches, but for those that say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                REQUESTS.labels(f"{message['status'] // 100}xx").inc()
                if not any(name == b"cache-control" for name, _ in message["headers"]):
                    message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        await self._app(scope, receive, counting)
