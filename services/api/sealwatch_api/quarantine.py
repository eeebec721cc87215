"""Quarantine: records that contradict what was scored are listed, looked at and dismissed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.auth import Access, LettersAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.letters import looked_into, name_of, own_of
from sealwatch_api.paging import Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import quarantine as queries
from sealwatch_api.resolutions import Dismissal, QuarantineAsked
from sealwatch_api.shown import Quarantined, QuarantinedInFull, quarantined_in_full, quarantined_of

router = APIRouter(tags=["quarantine"])
QuarantineId = Annotated[int, Path(ge=1, le=2**63 - 1)]
CLAIMED = "What came first under this id stands, and the scorer drops or sets aside everything after it."
WAYS_OUT = {
    "event_id_conflict": f"{CLAIMED} If this record is the right one, its sender retracts the one that "
    "stands and sends this under an event_id of its own. Otherwise dismiss this one with a note.",
    "product_mismatch": "The retraction names an event of another product, and its own id is used up. "
    "Its sender retracts again, with a new event_id and the right product. Otherwise dismiss this one with "
    "a note.",
    "target_gone": "The event it takes back was dropped by age and can no longer be subtracted. "
    "Dismiss this one with a note.",
}


@router.get("/v1/quarantine")
async def list_quarantine(
    access: LettersAdmin, asked: Annotated[QuarantineAsked, Query()]
) -> Page[Quarantined]:
    """List quarantined records, newest first."""
    reading = Reading(access, "quarantine", asked)
    after = int(reading.after[0]) if reading.after else None
    async with looked_into(access) as connection:
        rows = await queries.listed(connection, own_of(access), reading.filters, after, reading.most)
    return Page(
        items=[quarantined_of(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [str(row["quarantine_id"])]),
    )


@router.get("/v1/quarantine/{quarantine_id}")
async def get_quarantined(access: LettersAdmin, quarantine_id: QuarantineId) -> QuarantinedInFull:
    """Show one record with its original bytes, and those that stand under its id."""
    async with looked_into(access) as connection:
        return await _in_full(connection, await _found(connection, access, quarantine_id))


@router.post("/v1/quarantine/{quarantine_id}/replay")
async def replay_quarantined(access: LettersAdmin, quarantine_id: QuarantineId) -> None:
    """Refuse, and say which way out there is: under the same id it could never be scored."""
    async with looked_into(access) as connection:
        row = await _found(connection, access, quarantine_id)
    raise Declined(409, "not_replayable", detail=WAYS_OUT.get(row["reason"], CLAIMED))


@router.post("/v1/quarantine/{quarantine_id}/dismiss", openapi_extra=accepts(Dismissal))
async def dismiss_quarantined(
    access: LettersAdmin,
    quarantine_id: QuarantineId,
    wish: Annotated[Dismissal, Depends(sent(Dismissal))],
) -> QuarantinedInFull:
    """Leave one record as it is, for good; twice is once, and the first note stands."""
    async with looked_into(access) as connection:
        row = await _found(connection, access, quarantine_id, hold=True)
        if row["state"] == "open":
            now = access.parts.clock()
            await queries.dismiss(connection, quarantine_id, now, name_of(access), wish.note)
            row = await _found(connection, access, quarantine_id)
        return await _in_full(connection, row)


async def _found(
    connection: AsyncConnection, access: Access, quarantine_id: int, *, hold: bool = False
) -> RowMapping:
    row = await queries.find(connection, own_of(access), quarantine_id, hold=hold)
    if row is None:
        raise not_found()
    return row


async def _in_full(connection: AsyncConnection, row: RowMapping) -> QuarantinedInFull:
    stands = await queries.standing(connection, row["organisation"], row["uid"])
    return quarantined_in_full(row, stands)
