"""What a process says of itself: is it alive, may traffic come, what did it count."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from prometheus_client import REGISTRY
from prometheus_client.exposition import generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

Check = Callable[[], Awaitable[str | None]]


@dataclass
class Health:
    """Checks by name; each returns None when all is well, or the reason in plain words.

    ``progress`` concerns this process alone (never Kafka or the database: a liveness probe that
    looks outside restarts everything in an outage); ``ready`` may look outside.
    """

    progress: dict[str, Check] = field(default_factory=dict)
    ready: dict[str, Check] = field(default_factory=dict)
    draining: bool = False

    def routes(self) -> list[Route]:
        """Return /livez, /readyz and /metrics."""
        return [
            Route("/livez", self._livez, include_in_schema=False),
            Route("/readyz", self._readyz, include_in_schema=False),
            Route("/metrics", _metrics, include_in_schema=False),
        ]

    async def reasons(self, checks: dict[str, Check]) -> dict[str, str]:
        """Return what is wrong, by check."""
        found = {name: await check() for name, check in checks.items()}
        return {name: reason for name, reason in found.items() if reason}

    async def _livez(self, _request: Request) -> Response:
        return _answer(await self.reasons(self.progress))

    async def _readyz(self, _request: Request) -> Response:
        if self.draining:
            return _answer({"process": "draining"})
        return _answer(await self.reasons(self.ready))


def _answer(reasons: dict[str, str]) -> Response:
    if reasons:
        return JSONResponse({"status": "unavailable", "reasons": reasons}, 503)
    return JSONResponse({"status": "ok"})


async def _metrics(_request: Request) -> Response:
    body = generate_latest(REGISTRY).decode()
    return PlainTextResponse(body, media_type="text/plain; version=0.0.4")
