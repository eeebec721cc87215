"""Dead letters: what could not be scored is listed, repaired, sent again or dismissed."""

from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.codec import Record, unpacked_headers
from sealwatch.shell import outbox
from sealwatch_api.auth import Access, LettersAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import HexId
from sealwatch_api.paging import Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import letters as queries
from sealwatch_api.queries.letters import After, Resolution
from sealwatch_api.registry import LANE
from sealwatch_api.repair import Kept, Repair, again
from sealwatch_api.resolutions import LARGEST_REPLAY_BYTES, Dismissal, LettersAsked, Replay, ReplayMany
from sealwatch_api.shown import (
    Letter,
    LetterInFull,
    RefusedLetter,
    ReplayedMany,
    letter_in_full,
    letter_of,
)

router = APIRouter(tags=["dead letters"])
CENTRE = "letters:centre"
Replaying = Depends(sent(Replay, LARGEST_REPLAY_BYTES))


def own_of(access: Access) -> str | None:
    """Return whose records this caller looks after; None: those of the whole centre."""
    return None if CENTRE in access.caller.scopes else access.organisation


def name_of(access: Access) -> str:
    """Return how a resolution names who made it."""
    return f"{access.organisation}/{access.caller.source}"


@asynccontextmanager
async def looked_into(access: Access) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that sees just the records this caller looks after."""
    async with access.transaction() as connection:
        if own_of(access) is None:
            await queries.see_all(connection)
        yield connection


@router.get("/v1/dead-letters")
async def list_letters(access: LettersAdmin, asked: Annotated[LettersAsked, Query()]) -> Page[Letter]:
    """List dead letters, newest first."""
    reading = Reading(access, "dead-letters", asked)
    async with looked_into(access) as connection:
        rows = await queries.listed(
            connection, own_of(access), reading.filters, _after(reading), reading.most
        )
    return Page(
        items=[letter_of(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, _place),
    )


@router.post("/v1/dead-letters/replay", openapi_extra=accepts(ReplayMany))
async def replay_many(
    access: LettersAdmin, wish: Annotated[ReplayMany, Depends(sent(ReplayMany))]
) -> ReplayedMany:
    """Send open letters again as they are, oldest first; asking twice sends nothing twice.

    A letter that this release still cannot read is named in ``refused`` and stays open.
    """
    asked = LettersAsked(state="open", **wish.model_dump(exclude={"note"}, exclude_none=True))
    reading = Reading(access, "dead-letters/replay", asked)
    now = access.parts.clock()
    async with looked_into(access) as connection:
        rows = await queries.open_ones(
            connection, own_of(access), reading.filters, _after(reading), reading.most
        )
        sending = Sending(Repair(name_of(access), now), wish.note)
        for row in reading.page(rows):
            sending.take(row)
        await sending.write(connection)
    return ReplayedMany(
        replayed=[one.letter_id.hex() for one in sending.resolutions],
        refused=sending.refused,
        next_cursor=reading.next_cursor(rows, _place),
    )


@router.get("/v1/dead-letters/{letter_id}")
async def get_letter(access: LettersAdmin, letter_id: HexId) -> LetterInFull:
    """Show one letter with its original bytes."""
    async with looked_into(access) as connection:
        row = await queries.find(connection, own_of(access), bytes.fromhex(letter_id))
    if row is None:
        raise not_found()
    return letter_in_full(row)


@router.post("/v1/dead-letters/{letter_id}/replay", openapi_extra=accepts(Replay))
async def replay_letter(
    access: LettersAdmin, letter_id: HexId, wish: Annotated[Replay, Replaying]
) -> LetterInFull:
    """Send one letter again under its own event id, repaired if a body is given; twice is once.

    The stamps of the original stay: who sent it, of which class, accredited or not.
    """
    body = b64decode(wish.body) if wish.body is not None else None
    async with looked_into(access) as connection:
        row = await _held(connection, access, letter_id)
        if row["state"] == "dismissed" or (row["state"] == "replayed" and body != row["repaired_body"]):
            raise Declined(409, f"already_{row['state']}")
        if row["state"] == "open":
            sending = Sending(Repair(name_of(access), access.parts.clock(), body), wish.note)
            sending.add(row)
            await sending.write(connection)
            row = await _held(connection, access, letter_id)
    return letter_in_full(row)


@router.post("/v1/dead-letters/{letter_id}/dismiss", openapi_extra=accepts(Dismissal))
async def dismiss_letter(
    access: LettersAdmin, letter_id: HexId, wish: Annotated[Dismissal, Depends(sent(Dismissal))]
) -> LetterInFull:
    """Leave one letter as it is, for good; twice is once, and the first note stands."""
    async with looked_into(access) as connection:
        row = await _held(connection, access, letter_id)
        if row["state"] == "replayed":
            raise Declined(409, "already_replayed")
        if row["state"] == "open":
            said = Resolution(row["letter_id"], "dismissed", access.parts.clock(), name_of(access), wish.note)
            await queries.resolve(connection, [said])
            row = await _held(connection, access, letter_id)
    return letter_in_full(row)


class Sending:
    """Letters of one request on their way: each resolved with its record, or refused with its reason."""

    def __init__(self, repair: Repair, note: str) -> None:
        """Keep who sends them, and why."""
        self._repair, self._note = repair, note
        self._records: list[Record] = []
        self.resolutions: list[Resolution] = []
        self.refused: list[RefusedLetter] = []

    def take(self, row: RowMapping) -> None:
        """Take a letter, or note why it cannot be sent again."""
        try:
            self.add(row)
        except Declined as declined:
            self.refused.append(RefusedLetter(letter_id=row["letter_id"].hex(), code=declined.code))

    def add(self, row: RowMapping) -> None:
        """Take a letter, or raise Declined or BadBody."""
        kept = Kept(row["letter_id"], row["topic"], row["key"], unpacked_headers(row["headers"]), row["body"])
        repair = self._repair
        record, uid = again(kept, repair)
        self._records.append(record)
        self.resolutions.append(
            Resolution(kept.letter_id, "replayed", repair.now, repair.by, self._note, uid, repair.body)
        )

    async def write(self, connection: AsyncConnection) -> None:
        """Write what becomes of them and what goes out, in the caller's transaction."""
        await queries.resolve(connection, self.resolutions)
        await outbox.add(connection, "registry", LANE, self._records)


async def _held(connection: AsyncConnection, access: Access, letter_id: str) -> RowMapping:
    row = await queries.find(connection, own_of(access), bytes.fromhex(letter_id), hold=True)
    if row is None:
        raise not_found()
    return row


def _after(reading: Reading) -> After | None:
    if reading.after is None:
        return None
    appended, partition, offset = reading.after
    return datetime.fromisoformat(appended), int(partition), int(offset)


def _place(row: RowMapping) -> list[str]:
    return [row["appended_at"].isoformat(), str(row["partition"]), str(row["offset"])]
