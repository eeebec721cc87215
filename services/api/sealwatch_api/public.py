"""What everybody may read without a key: the feed of released messages, and each of them."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from sealwatch_api.feed.atom import MEDIA_TYPE, OF_CAP, Place, atom, changed_at
from sealwatch_api.feed.cap import Issuer
from sealwatch_api.feed.fresh import headers_of, is_known
from sealwatch_api.forms import HexId
from sealwatch_api.messages import entry_of
from sealwatch_api.parts import Parts, parts_of
from sealwatch_api.problems import not_found
from sealwatch_api.queries import releases as queries

router = APIRouter(include_in_schema=False)
READING = ["GET", "HEAD"]
ON_A_PAGE = 50
HIGHEST = 2**63 - 1  # a bigint of PostgreSQL
Before = Annotated[int | None, Query(ge=1, le=HIGHEST)]


@router.api_route("/public/feed.atom", methods=READING)
async def feed(request: Request, before: Before = None) -> Response:
    """Return a page of the feed, newest first."""
    parts, issuer = _open(request)
    async with parts.engine.connect() as connection:
        rows = await queries.public_page(connection, before, ON_A_PAGE + 1)
    entries = [entry_of(row, issuer) for row in rows[:ON_A_PAGE]]
    older = entries[-1].number if len(rows) > ON_A_PAGE else None
    headers = headers_of(body := atom(issuer, entries, Place(before, older)), changed_at(entries))
    return _answer(request, body, headers, MEDIA_TYPE)


@router.api_route("/public/cap/{release_id}.xml", methods=READING)
async def message(request: Request, release_id: HexId) -> Response:
    """Return a message, the bytes that were released."""
    parts, _ = _open(request)
    async with parts.engine.connect() as connection:
        row = await queries.public_message(connection, bytes.fromhex(release_id))
    if row is None:
        raise not_found()
    return _answer(request, row["cap"], headers_of(row["cap"], row["released_at"]), OF_CAP)


def _open(request: Request) -> tuple[Parts, Issuer]:
    """Return the parts and who speaks; without a sender there is no feed."""
    parts = parts_of(request)
    if parts.issuer is None:
        raise not_found()
    return parts, parts.issuer


def _answer(request: Request, body: bytes, headers: dict[str, str], kind: str) -> Response:
    if is_known(request.headers, headers):
        return Response(status_code=304, headers=headers)
    safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return Response(body, headers=headers | safe, media_type=f"{kind}; charset=utf-8")
