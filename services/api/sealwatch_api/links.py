"""Where the signed links of e-mails lead.

They are served here and not by the alerts service: this is the door that readers outside can reach,
and it already works under row-level security.
"""

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.links import Link, Purpose, link_of
from sealwatch.shell.acknowledging import Word, acknowledge, count
from sealwatch.shell.logs import logger
from sealwatch_api import pages
from sealwatch_api.bodies import received
from sealwatch_api.feed.xml import line
from sealwatch_api.parts import Parts, parts_of
from sealwatch_api.queries import links as queries

router = APIRouter(include_in_schema=False)
MOST_BYTES = 16 * 1024  # a name and an answer, percent-encoded; ours
READER = "reader of the e-mail"


@router.get("/mail/{token}")
async def show(request: Request, token: str) -> HTMLResponse:
    """Show what the link is for, with a button; change nothing."""
    parts, language = parts_of(request), _language(request)
    link, organisation = await _followed(parts, token)
    if link is None or organisation is None:
        return _answer(pages.gone(language), 404)
    async with parts.transaction(organisation) as connection:
        found = await _shown(connection, link, organisation)
    return _answer(pages.asking(found, language)) if found else _answer(pages.gone(language), 404)


@router.post("/mail/{token}")
async def act(request: Request, token: str) -> HTMLResponse:
    """Do what the link is for; twice is once."""
    parts, language = parts_of(request), _language(request)
    form = _form(await received(request, MOST_BYTES))
    link, organisation = await _followed(parts, token)
    if link is None or organisation is None:
        return _answer(pages.gone(language), 404)
    async with parts.transaction(organisation) as connection:
        if await _shown(connection, link, organisation) is None:
            return _answer(pages.gone(language), 404)
        words = await _done(connection, parts, (link, organisation), form)
    count(words)
    logger().info("link followed", purpose=link.purpose.name.lower(), subject=link.subject.hex())
    return _answer(pages.done(link.purpose, language))


async def _followed(parts: Parts, token: str) -> tuple[Link | None, str | None]:
    link = link_of(token, parts.link_keys, parts.clock()) if parts.link_keys else None
    if link is None:
        return None, None
    async with parts.engine.connect() as connection:
        return link, await queries.owner(connection, link)


async def _shown(connection: AsyncConnection, link: Link, organisation: str) -> pages.Shown | None:
    row = await queries.shown(connection, link, organisation)
    if row is None:
        return None
    facts: dict[str, Any] = dict(row)
    if facts.get("name"):
        facts["product"] = f"{line(facts['name'])} ({facts['product']})"
    already = {"who": facts["who"], "at": pages.shown_at(facts["at"])} if facts.get("who") else None
    many = link.purpose is Purpose.ACKNOWLEDGE and facts["notice_id"] is None
    if many:
        facts = {"count": await queries.gathered(connection, link.subject)}
    return pages.Shown(link.purpose, facts, already, many)


async def _done(
    connection: AsyncConnection, parts: Parts, whose: tuple[Link, str], form: dict[str, str]
) -> list[Word]:
    """Do it, and return what was acknowledged by it."""
    (link, organisation), now = whose, parts.clock()
    if link.purpose is Purpose.CONFIRM:
        await queries.confirm(connection, link.subject, now)
    elif link.purpose is Purpose.UNSUBSCRIBE:
        await queries.leave(connection, link.subject, organisation, now)
    else:
        who, answer = form.get("name", "") or READER, form.get("answer", "")
        values = {"who": who[: pages.LONGEST_NAME], "answer": answer[: pages.LONGEST_ANSWER], "via": "link"}
        row = {"organisation": organisation, "delivery_id": link.subject}
        uid = derived_uid("acknowledgement", link.subject.hex(), *values.values())
        return await acknowledge(connection, values | row | {"id": uid}, now)
    return []


def _form(raw: bytes) -> dict[str, str]:
    """Return the fields of a form; what is not one has none, since the button alone says enough."""
    try:
        fields = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return {}
    return {name: value.replace("\x00", "").strip() for name, value in fields}


def _language(request: Request) -> str:
    return pages.language_of(request.query_params.get("language"), request.headers.get("accept-language", ""))


def _answer(page: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(page, status, headers=dict(pages.HEADERS))
