"""Reading a request's body within bounds: media type, encoding, size, inflation."""

import asyncio
import zlib

from starlette.requests import Request

from sealwatch.contracts.door import BadBody
from sealwatch.contracts.topics import MAX_EVENT_BYTES

JSON, NDJSON = "application/json", "application/x-ndjson"
MAX_BATCH_BYTES = 4 * 1024 * 1024  # inflated; ours
BODY_SECONDS = 10  # for a whole body, or 408; ours
DRAIN_BYTES = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def media_type(request: Request) -> str:
    """Return JSON or NDJSON, or raise BadBody with 415."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in (JSON, NDJSON):
        raise BadBody(415, "unsupported_media_type")
    charset = rest.replace(" ", "").lower().partition("charset=")[2].strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise BadBody(415, "unsupported_charset")
    return kind


async def body_of(request: Request, limit: int) -> bytes:
    """Return the body, inflated, or raise BadBody once it is larger than ``limit``."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise BadBody(415, "unsupported_encoding")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            raw = await _received(request, limit)
    except TimeoutError as error:
        raise BadBody(408, "body_too_slow") from error
    return inflated(raw, limit) if encoding == "gzip" else raw


def limit_of(kind: str) -> int:
    """Return how large a body of this media type may be."""
    return MAX_EVENT_BYTES if kind == JSON else MAX_BATCH_BYTES


def inflated(raw: bytes, limit: int) -> bytes:
    """Return what one whole gzip member holds, never more than ``limit`` in memory."""
    worker = zlib.decompressobj(_GZIP)
    try:
        data = worker.decompress(raw, limit + 1)
    except zlib.error as error:
        raise BadBody(400, "bad_encoding") from error
    if len(data) > limit:
        raise BadBody(413, "decompressed_too_large")
    if not worker.eof or worker.unused_data:
        raise BadBody(400, "bad_encoding")
    return data


async def _received(request: Request, limit: int) -> bytes:
    """Gather the chunks; a body that is too large is drained a little, so that the answer is seen."""
    declared = request.headers.get("content-length", "0")
    too_large = declared.isdigit() and int(declared) > limit
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit or too_large:
            too_large = True
            chunks.clear()
            if size > limit + DRAIN_BYTES or size > DRAIN_BYTES:
                break
        else:
            chunks.append(chunk)
    if too_large:
        raise BadBody(413, "body_too_large")
    return b"".join(chunks)
