"""PostgreSQL behind a lane: events in pages, and what was made of them with how far that is."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import asyncpg

from sealwatch.errors import Fenced
from sealwatch.risk.state import encode
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Stone, Stones
from sealwatch_scorer.rescoring import sql
from sealwatch_scorer.rescoring.lines import Line, Past, milliseconds
from sealwatch_scorer.rescoring.plan import BEGINNING, LAST, Bound, Cursor, Limits
from sealwatch_scorer.rescoring.walking import Pending
from sealwatch_scorer.rollups import Group, Held
from sealwatch_scorer.rows import STATE_TYPES, product_of, state_row
from sealwatch_scorer.sql import STAGE_STATES

SAVED_AT_ONCE = 10_000  # states a statement, so that each ends within the usual deadline
PASTS_AT_ONCE = 100  # products a statement; ours


class Reached(NamedTuple):
    """How far a lane has come."""

    cursor: Cursor
    swept_through: date | None
    events: int
    changes: int
    done: bool


class Page(NamedTuple):
    """Events in the order of instants, and where they end, None after the last."""

    lines: Sequence[Line]
    end: Cursor | None


class LaneStore:
    """The rows of one lane of one rescoring, on one connection.

    A page may be read while others are scored; what is saved meanwhile waits for it.
    """

    def __init__(self, driver: asyncpg.Connection, name: str, lane: int) -> None:
        """Keep the connection and the names."""
        self._driver, self._name, self._lane = driver, name, lane
        self._turn = asyncio.Lock()

    async def prepare(self) -> None:
        """Let this connection read events by their key."""
        await self._driver.execute(sql.BY_THE_KEY)

    async def bounds(self) -> dict[int, Bound]:
        """Return where the partitions of this lane end."""
        found = await self._driver.fetch(sql.BOUNDS, self._name, [self._lane])
        return {row["partition"]: Bound(*tuple(row)[1:]) for row in found}

    async def reached(self) -> Reached:
        """Return how far this lane has come."""
        [row] = await self._driver.fetch(sql.LANE, self._name, self._lane)
        return Reached(Cursor(*tuple(row)[:3]), *tuple(row)[3:])

    async def products(self, partitions: Collection[int]) -> list[Product]:
        """Return the products as they were saved last."""
        found = await self._driver.fetch(sql.STATES, self._name, list(partitions))
        return [product_of(row) for row in found]

    async def stones(self) -> Stones:
        """Return every retraction that came before its event."""
        found: dict[bytes, list[Stone]] = {}
        for uid, product_id, by in map(tuple, await self._driver.fetch(sql.STONES)):
            found.setdefault(uid, []).append(Stone(product_id, by, None))  # the strange ones were set aside
        return found

    async def fated(self, partitions: Collection[int]) -> dict[bytes, str]:
        """Return the events that are taken back at any time, with their products."""
        return dict(map(tuple, await self._driver.fetch(sql.FATED, list(partitions))))

    async def pasts(self, product_ids: Collection[str], until: Cursor) -> list[Past]:
        """Return what is stored of some products as far as it was walked."""
        found: list[Past] = []
        ordered = sorted(product_ids)
        for start in range(0, len(ordered), PASTS_AT_ONCE):
            rows = await self._driver.fetch(sql.PASTS, ordered[start : start + PASTS_AT_ONCE])
            found += _pasts(rows, until)
        return found

    async def page(self, after: Cursor, limits: Limits, most: int) -> Page:
        """Return the next events in the order of instants and where they end."""
        async with self._turn:
            partitions, end = list(limits.bounds), _at(limits.last_ms)
            rows = await self._driver.fetch(sql.SLICE, partitions, *after, end, most)
            lines = list(map(Line._make, rows))
            is_last = len(lines) < most
            last = Cursor(end, *LAST) if is_last else _cursor(lines[-1])
            late = await self._driver.fetch(sql.AFTER_THE_CLOCK, partitions, *after, *last)
        if late:
            lines = sorted([*lines, *map(Line._make, late)], key=_order)
        return Page(_entering(lines, limits), None if is_last else last)

    async def save(
        self, before: Reached, after: Reached, made: Sequence[Pending], groups: Mapping[Group, Held]
    ) -> None:
        """Write what changed and how far the lane is now, in one transaction, or raise Fenced."""
        async with self._turn, self._driver.transaction():
            status = await self._driver.execute(
                sql.ADVANCE, self._name, self._lane, before.events, *after.cursor, *after[1:]
            )
            if status != "UPDATE 1":
                raise Fenced("another process walks this lane")
            is_first = before.cursor == BEGINNING
            for start in range(0, len(made), SAVED_AT_ONCE):
                await self._save(made[start : start + SAVED_AT_ONCE], is_first=is_first)
            rows = [(*group, encode(held.state), held.products) for group, held in groups.items()]
            if rows:
                columns = map(list, zip(*rows, strict=True))
                await self._driver.execute(sql.SAVE_ROLLUPS, self._name, *columns)

    async def _save(self, made: Sequence[Pending], *, is_first: bool) -> None:
        rows = (state_row(one, policy) for one, policy in made)
        if is_first:  # then there is nothing to be written over, which costs half as much
            named = ((self._name, *row) for row in rows)
            columns = ("name", *STATE_TYPES)
            await self._driver.copy_records_to_table(
                "rescored_states", schema_name="scoring", columns=columns, records=named
            )
            return
        await self._driver.execute(STAGE_STATES)
        await self._driver.execute("truncate pg_temp.incoming_states")
        await self._driver.copy_records_to_table("incoming_states", records=rows)
        await self._driver.execute(sql.SAVE, self._name)


def _entering(lines: list[Line], limits: Limits) -> list[Line]:
    """Return the lines that live scoring had, none later than the instant that is asked about."""
    if lines and milliseconds(lines[-1].instant) >= limits.surely_ms:
        lines = [
            line for line in lines if limits.enters(line.partition, milliseconds(line.instant), line.offset)
        ]
    if limits.as_of_ms is None:
        return lines
    latest = limits.as_of_ms / 1000
    return [line._replace(instant=min(line.instant, latest)) for line in lines]


def _pasts(rows: Sequence[asyncpg.Record], until: Cursor) -> list[Past]:
    """Return the rows that were walked.

    Rows say who took an event back in the end; it was not if that one is still to come. Who is not stored
    any more was dropped with an old month, so came before.
    """
    all_of_them = [(Line(*line), by) for *line, by in rows]
    walked = [(line, by) for line, by in all_of_them if _cursor(line) <= until]
    coming = {line.uid for line, _ in all_of_them} - {line.uid for line, _ in walked}
    return [Past(line, by is not None and by not in coming) for line, by in walked]


def _order(line: Line) -> tuple[float, int, int]:
    return line.instant, line.partition, line.offset


def _cursor(line: Line) -> Cursor:
    return Cursor(_at(milliseconds(line.instant)), line.partition, line.offset)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
