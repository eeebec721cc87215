"""Silences: quiet on a named person's word, for a reason and a time; a wide one needs a second person."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.auth import Access, SilenceApprover, SilenceWriter, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import HexId
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit, departments
from sealwatch_api.queries import silences as queries
from sealwatch_api.routing_forms import NewSilence
from sealwatch_api.routing_rules import rules_in_force
from sealwatch_api.routing_views import Silence

router = APIRouter(tags=["silences"])
LONGEST = timedelta(days=366)
ID_BYTES = 16
LISTS = ("categories", "regions", "enterprises", "factors", "products")


@router.post("/v1/silences", status_code=201, openapi_extra=accepts(NewSilence))
async def post_silence(
    access: SilenceWriter, wish: Annotated[NewSilence, Depends(sent(NewSilence))]
) -> Silence:
    """Keep a scope quiet, below the top level; the answer says whether a second person must approve it."""
    now = access.parts.clock()
    starts_at = wish.starts_at or now
    if not max(now, starts_at) < wish.expires_at <= now + LONGEST:
        raise Declined(422, "expires_out_of_range", detail="after its start, within 366 days from now")
    async with access.transaction() as connection:
        row = await queries.insert(connection, await _values(connection, access, wish) | {"now": now})
        await _kept(connection, access, "silence.made", row)
    return _shown(row, now)


async def _values(connection: AsyncConnection, access: Access, wish: NewSilence) -> dict[str, Any]:
    lists = {name: list(getattr(wish, name)) or None for name in LISTS}
    department_id, organisation = wish.department_id, access.organisation
    if department_id and not await departments.find(connection, organisation, department_id):
        raise Declined(422, "unknown_department")
    return {
        **lists,
        "silence_id": access.parts.randomness(ID_BYTES),
        "organisation": organisation,
        "department_id": department_id,
        "reason": wish.reason,
        "owner": access.caller.person,
        "starts_at": wish.starts_at or access.parts.clock(),
        "expires_at": wish.expires_at,
        "matched": await queries.matched(connection, lists),
        "most_products": (await rules_in_force(connection, organisation)).silence_products,
    }


@router.get("/v1/silences")
async def list_silences(access: WarningsReader, asked: Annotated[Asked, Query()]) -> Page[Silence]:
    """List the silences of one's own organisation, newest first, those that are over too."""
    reading = Reading(access, "silences", asked)
    now = access.parts.clock()
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation, reading.instant_after(), reading.most)
    return Page(
        items=[_shown(row, now) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["created_at"].isoformat(), row["silence_id"].hex()]
        ),
    )


@router.get("/v1/silences/{silence_id}")
async def get_silence(access: WarningsReader, silence_id: HexId) -> Silence:
    """Show one silence."""
    async with access.transaction() as connection:
        row = await queries.find(connection, access.organisation, bytes.fromhex(silence_id))
    if row is None:
        raise not_found()
    return _shown(row, access.parts.clock())


@router.post("/v1/silences/{silence_id}/approve")
async def approve_silence(access: SilenceApprover, silence_id: HexId) -> Silence:
    """Approve a silence of somebody else, so that it acts."""
    values = _by(access, silence_id)
    async with access.transaction() as connection:
        found = await queries.find(connection, access.organisation, values["id"])
        if found is None:
            raise not_found()
        if found["owner"] == access.caller.person:
            raise Declined(403, "self_approval")
        row = await queries.approve(connection, values)
        if row is None:
            raise Declined(409, "silence_settled")
        await _kept(connection, access, "silence.approved", row)
    return _shown(row, values["now"])


@router.delete("/v1/silences/{silence_id}", status_code=204)
async def delete_silence(access: SilenceWriter, silence_id: HexId) -> None:
    """End a silence now; it stays on record."""
    async with access.transaction() as connection:
        row = await queries.end(connection, _by(access, silence_id))
        if row is None:
            raise not_found()
        await _kept(connection, access, "silence.ended", row)


def _by(access: Access, silence_id: str) -> dict[str, Any]:
    who = {"organisation": access.organisation, "by": access.caller.person}
    return who | {"id": bytes.fromhex(silence_id), "now": access.parts.clock()}


async def _kept(connection: AsyncConnection, access: Access, action: str, row: RowMapping) -> None:
    detail = {name: row[name] for name in (*LISTS, "reason", "expires_at", "matched_products")}
    await audit.keep(connection, access, audit.Deed(action, row["silence_id"].hex(), detail))


def state_of(row: RowMapping, now: datetime) -> str:
    """Return whether a silence acts now, or why it does not."""
    if row["ended_at"] is not None:
        return "ended"
    if row["expires_at"] <= now:
        return "expired"
    if not row["is_approved"]:
        return "awaits_approval"
    return "active" if row["starts_at"] <= now else "due"


def _shown(row: RowMapping, now: datetime) -> Silence:
    lists = {name: row[name] or [] for name in LISTS}
    own = {"silence_id": row["silence_id"].hex(), "state": state_of(row, now)}
    return Silence.model_validate({**row, **lists, **own})
