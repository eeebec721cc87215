"""A request's body within bounds, then through the one strict door."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from sealwatch.contracts.door import BadBody, read

JSON = "application/json"
MAX_BODY_BYTES = (
    64 * 1024
)  # the largest of our bodies besides a repaired event, a subscription with full lists, is below it; ours
Model = TypeVar("Model", bound=BaseModel)


def sent(model: type[Model], most_bytes: int = MAX_BODY_BYTES) -> Callable[[Request], Awaitable[Model]]:
    """Return the dependency that reads a body of this model, or raises BadBody."""

    async def body(request: Request) -> Model:
        _check_media_type(request.headers.get("content-type", ""))
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise BadBody(415, "unsupported_encoding")
        return read(model, await received(request, most_bytes))

    return body


def accepts(model: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says of a route that takes this model."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def _check_media_type(content_type: str) -> None:
    kind, _, rest = content_type.partition(";")
    if kind.strip().lower() != JSON:
        raise BadBody(415, "unsupported_media_type")
    charset = rest.replace(" ", "").lower().partition("charset=")[2].strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise BadBody(415, "unsupported_charset")


async def received(request: Request, most_bytes: int) -> bytes:
    """Return a body within bounds, or raise BadBody."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most_bytes:
            raise BadBody(413, "body_too_large")
        chunks.append(chunk)
    return b"".join(chunks)
