"""What the public is told: drafted by one person, released by another, corrected, or withdrawn at once."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.shell.metrics import RELEASES
from sealwatch_api.auth import Access, NoticesDrafter, NoticesReleaser, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.feed.cap import Issuer, Message, cap
from sealwatch_api.forms import HexId
from sealwatch_api.messages import content_of, facts_in, message_of, withdrawing
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit
from sealwatch_api.queries import releases as queries
from sealwatch_api.release_forms import NewRelease, Recall, Release

router = APIRouter(tags=["releases"])
LONGEST = timedelta(days=366)
ID_BYTES = 16
IDS = ("release_id", "series_id", "notice_id")


@router.post("/v1/releases", status_code=201, openapi_extra=accepts(NewRelease))
async def post_release(
    access: NoticesDrafter, wish: Annotated[NewRelease, Depends(sent(NewRelease))]
) -> Release:
    """Draft a public message about a notice, or the update of one; nobody reads it before it is released."""
    now = access.parts.clock()
    if not now < wish.expires_at <= now + LONGEST:
        raise Declined(422, "expires_out_of_range", detail="within 366 days from now")
    async with access.transaction() as connection:
        found = await queries.notice(connection, bytes.fromhex(wish.notice_id))
        facts = facts_in(found) if found else None
        if facts is None:
            raise Declined(422, "unknown_notice")
        uid = access.parts.randomness(ID_BYTES)
        series = await _series_of(connection, access, wish) if wish.corrects else uid
        values = {
            "id": uid,
            "series": series,
            "notice": bytes.fromhex(wish.notice_id),
            "msg_type": "Alert" if series == uid else "Update",
            "status": "Test" if wish.drill else "Actual",
            "content": content_of(wish.texts.model_dump(), facts),
            "expires_at": wish.expires_at,
        }
        row = await queries.draft(connection, values | _by(access, now))
        await _kept(connection, access, "release.drafted", row)
    return _shown(row, access.parts.issuer)


async def _series_of(connection: AsyncConnection, access: Access, wish: NewRelease) -> bytes:
    """Return the series that a correction belongs to, or raise Declined."""
    found = await queries.find(connection, access.organisation, bytes.fromhex(wish.corrects or ""))
    if found is None or found["released_at"] is None:
        raise Declined(422, "unknown_release")
    if (found["status"] == "Test") != wish.drill:
        raise Declined(422, "drill_mismatch", detail="a drill is corrected by a drill, and nothing else is")
    series_id: bytes = found["series_id"]
    return series_id


@router.get("/v1/releases")
async def list_releases(access: WarningsReader, asked: Annotated[Asked, Query()]) -> Page[Release]:
    """List drafts and messages of one's own organisation, newest first."""
    reading = Reading(access, "releases", asked)
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation, reading.instant_after(), reading.most)
    return Page(
        items=[_shown(row, access.parts.issuer) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["drafted_at"].isoformat(), row["release_id"].hex()]
        ),
    )


@router.get("/v1/releases/{release_id}")
async def get_release(access: WarningsReader, release_id: HexId) -> Release:
    """Show one draft or message."""
    async with access.transaction() as connection:
        row = await _found(connection, access, release_id)
    return _shown(row, access.parts.issuer)


@router.post("/v1/releases/{release_id}/release")
async def release(access: NoticesReleaser, release_id: HexId) -> Release:
    """Release somebody else's draft to everybody; nothing can change it after that."""
    issuer, now = _issuer(access), access.parts.clock()
    async with access.transaction() as connection:
        draft = await _found(connection, access, release_id)
        if draft["drafted_by"] == access.caller.person:
            raise Declined(403, "self_release")
        if draft["expires_at"] <= now:
            raise Declined(409, "release_expired")
        earlier = await _open_series(connection, access, draft["series_id"])
        row = await _released(connection, access, message_of(draft, issuer, now, earlier))
        await _kept(connection, access, "release.released", row)
    _count(row)
    return _shown(row, issuer)


@router.post("/v1/releases/{release_id}/withdraw", status_code=201, openapi_extra=accepts(Recall))
async def withdraw(
    access: NoticesReleaser, release_id: HexId, said: Annotated[Recall, Depends(sent(Recall))]
) -> Release:
    """Take a message back at once, with all corrections of it: everybody reads a Cancel that says why."""
    issuer, now = _issuer(access), access.parts.clock()
    async with access.transaction() as connection:
        found = await _found(connection, access, release_id)
        if found["released_at"] is None:
            raise Declined(409, "not_released")
        earlier = await _open_series(connection, access, found["series_id"])
        values = withdrawing(earlier[-1], said.reason.model_dump(), now)
        uid = access.parts.randomness(ID_BYTES)
        draft = await queries.draft(connection, values | {"id": uid} | _by(access, now))
        row = await _released(connection, access, message_of(draft, issuer, now, earlier))
        await _kept(connection, access, "release.withdrawn", row)
    _count(row)
    return _shown(row, issuer)


@router.delete("/v1/releases/{release_id}", status_code=204)
async def delete_release(access: NoticesDrafter, release_id: HexId) -> None:
    """Discard a draft; it stays on record."""
    values = _by(access, access.parts.clock()) | {"id": bytes.fromhex(release_id)}
    async with access.transaction() as connection:
        await _found(connection, access, release_id)
        row = await queries.discard(connection, values)
        if row is None:
            raise Declined(409, "release_settled")
        await _kept(connection, access, "release.discarded", row)


def _issuer(access: Access) -> Issuer:
    if access.parts.issuer is None:
        raise Declined(409, "feed_not_set_up", detail="SEALWATCH_FEED_SENDER and SEALWATCH_PUBLIC_URL")
    return access.parts.issuer


async def _found(connection: AsyncConnection, access: Access, release_id: str) -> RowMapping:
    row = await queries.find(connection, access.organisation, bytes.fromhex(release_id))
    if row is None:
        raise not_found()
    return row


async def _open_series(connection: AsyncConnection, access: Access, series_id: bytes) -> list[RowMapping]:
    """Return what a series has told so far, held until the transaction ends; a withdrawn one is over."""
    await queries.lock(connection, series_id)
    rows = list(await queries.series(connection, access.organisation, series_id))
    if any(row["msg_type"] == "Cancel" for row in rows):
        raise Declined(409, "withdrawn_already")
    return rows


async def _released(connection: AsyncConnection, access: Access, message: Message) -> RowMapping:
    """Release a message as of the instant that it says it was sent."""
    what = {"id": message.release_id, "cap": cap(message), "sender": message.issuer.sender}
    row = await queries.release(connection, _by(access, message.sent) | what)
    if row is None:
        raise Declined(409, "release_settled")
    return row


def _by(access: Access, now: datetime) -> dict[str, Any]:
    return {"organisation": access.organisation, "by": access.caller.person, "now": now}


async def _kept(connection: AsyncConnection, access: Access, action: str, row: RowMapping) -> None:
    detail = {name: row[name] for name in ("msg_type", "status", "number", "expires_at")}
    detail |= {name: row[name].hex() for name in ("notice_id", "series_id")}
    await audit.keep(connection, access, audit.Deed(action, row["release_id"].hex(), detail))


def _count(row: RowMapping) -> None:
    RELEASES.labels(row["msg_type"], row["status"]).inc()


def _shown(row: RowMapping, issuer: Issuer | None) -> Release:
    state = "draft"
    if row["released_at"] is not None or row["discarded_at"] is not None:
        state = "released" if row["released_at"] is not None else "discarded"
    address = issuer.address(row["release_id"]) if issuer and state == "released" else None
    own = {"state": state, "address": address, "texts": row["content"]["texts"]}
    return Release.model_validate({**row, **own, **{name: row[name].hex() for name in IDS}})
