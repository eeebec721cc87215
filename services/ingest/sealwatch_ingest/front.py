"""The hot routes stand before the framework: its layers cost more than a small body does."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
OnFault = Callable[[Request, Exception], Awaitable[Response]]


class Front:
    """Answers posts to the paths that it knows; everything else is for the application behind."""

    def __init__(self, hot: Mapping[str, Endpoint], behind: ASGIApp, on_fault: OnFault) -> None:
        """Keep the endpoints by their paths."""
        self._hot = hot
        self._behind = behind
        self._guarded = ServerErrorMiddleware(self._answer, handler=on_fault)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        is_hot = scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in self._hot
        await (self._guarded if is_hot else self._behind)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._hot[scope["path"]](Request(scope, receive, send))
        await response(scope, receive, send)
