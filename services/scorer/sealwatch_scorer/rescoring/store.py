"""PostgreSQL behind a lane: events in slices, and what was made of them with how far that is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import NamedTuple

import asyncpg

from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.contracts.log import decode
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.errors import Fenced
from sealwatch.risk.state import encode
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Arrival, Stone, Stones
from sealwatch_scorer.rescoring import sql
from sealwatch_scorer.rescoring.plan import LAST, Bound, Cursor, Limits, happened, in_ms
from sealwatch_scorer.rescoring.walking import Pending, Stored
from sealwatch_scorer.rollups import Group, Held
from sealwatch_scorer.rows import product_of, state_row
from sealwatch_scorer.sql import STAGE_STATES

SAVED_AT_ONCE = 10_000  # states a statement, so that each ends within the usual deadline


class Reached(NamedTuple):
    """How far a lane has come."""

    cursor: Cursor
    swept_through: date | None
    events: int
    changes: int
    done: bool


class LaneStore:
    """The rows of one lane of one rescoring, on one connection."""

    def __init__(self, driver: asyncpg.Connection, name: str, lane: int) -> None:
        """Keep the connection and the names."""
        self._driver, self._name, self._lane = driver, name, lane

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

    async def events(self, after: Cursor, limits: Limits, most: int) -> tuple[list[Arrival], Cursor | None]:
        """Return the next events in the order of instants and where they end, None after the last."""
        partitions, end = list(limits.bounds), _at(limits.last_ms)
        rows = await self._driver.fetch(sql.SLICE, partitions, *after, end, most)
        is_last = len(rows) < most
        last = Cursor(end, *LAST) if is_last else Cursor(*tuple(rows[-1])[:3])
        late = await self._driver.fetch(sql.AFTER_THE_CLOCK, partitions, *after, *last)
        if late:
            rows = sorted([*rows, *late], key=lambda row: tuple(row)[:3])
        return _arrivals(rows, limits), None if is_last else last

    async def history(self, product_ids: Collection[str], as_of_ms: int | None) -> list[Stored]:
        """Return every stored event of some products."""
        if not product_ids:
            return []
        rows = await self._driver.fetch(sql.HISTORY, list(product_ids))
        found = [Stored(_arrival(row, as_of_ms), row["retracted_by"], row["kept"]) for row in rows]
        return [one for one in found if happened(one.arrival.event, as_of_ms)]

    async def save(
        self, before: Reached, after: Reached, made: Sequence[Pending], groups: Mapping[Group, Held]
    ) -> None:
        """Write what changed and how far the lane is now, in one transaction, or raise Fenced."""
        async with self._driver.transaction():
            status = await self._driver.execute(
                sql.ADVANCE, self._name, self._lane, before.events, *after.cursor, *after[1:]
            )
            if status != "UPDATE 1":
                raise Fenced("another process walks this lane")
            for start in range(0, len(made), SAVED_AT_ONCE):
                await self._save(made[start : start + SAVED_AT_ONCE])
            rows = [(*group, encode(held.state), held.products) for group, held in groups.items()]
            if rows:
                columns = map(list, zip(*rows, strict=True))
                await self._driver.execute(sql.SAVE_ROLLUPS, self._name, *columns)

    async def _save(self, made: Sequence[Pending]) -> None:
        await self._driver.execute(STAGE_STATES)
        await self._driver.execute("truncate pg_temp.incoming_states")
        rows = (state_row(one, policy) for one, policy in made)
        await self._driver.copy_records_to_table("incoming_states", records=rows)
        await self._driver.execute(sql.SAVE, self._name)


def _arrivals(rows: Sequence[asyncpg.Record], limits: Limits) -> list[Arrival]:
    as_of_ms = limits.as_of_ms
    found = [
        _arrival(row, as_of_ms)
        for row in rows
        if limits.enters(row["partition"], _ms(row["instant"]), row["offset"])
    ]
    return found if as_of_ms is None else [one for one in found if happened(one.event, as_of_ms)]


def _arrival(row: asyncpg.Record, as_of_ms: int | None) -> Arrival:
    instant, partition, offset, appended, product_id, headers, body = tuple(row)[:7]
    key = product_id.encode()
    record = Received(EVIDENCE.name, partition, offset, _ms(appended), key, body, unpacked_headers(headers))
    instant_ms = _ms(instant)
    return Arrival(decode(record), record, b"", instant_ms if as_of_ms is None else min(instant_ms, as_of_ms))


@lru_cache(maxsize=4096)  # records of one batch share an append time
def _ms(at: datetime) -> int:
    return in_ms(at)


def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
