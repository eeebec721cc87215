"""PostgreSQL behind the scorer: everything of one poll in one transaction."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.codec import Received, Record, packed_headers, unpacked_headers
from sealwatch.contracts.log import decode as decode_event
from sealwatch.errors import Fenced
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import decode, encode
from sealwatch.scoring.maxima import bears
from sealwatch.scoring.pack import packed, unpacked
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Arrival, Change, Kept, Stone, Stones, Target
from sealwatch.shell.db import driver_of
from sealwatch.shell.letters import Letter, keep
from sealwatch_scorer import few, sql
from sealwatch_scorer.few import FEW, Gathered
from sealwatch_scorer.left import Older, Stream
from sealwatch_scorer.rollups import Group, Held
from sealwatch_scorer.rows import CHANGE_COLUMNS, Settled, change_row, product_of, state_row

FEW_STONES = 500  # tombstones that are asked for whole: fewer than the events of a large poll; ours
Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition stands: next offset, last record with its digest, instant, swept day."""

    next_offset: int
    last_offset: int | None = None
    last_digest: bytes | None = None
    instant_ms: int = 0
    swept_through: date | None = None


Positions = Mapping[int, Position]


@lru_cache(maxsize=4096)  # records of one batch share an append time
def _at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class PostgresTransaction:
    """One transaction of the scorer; the order of calls is that of docs/architecture.md, One transaction a poll."""

    few = FEW

    def __init__(self, driver: asyncpg.Connection, topic: str) -> None:
        """Work on a connection that is inside a transaction; up to ``few`` events are written at its end."""
        self._driver = driver
        self._topic = topic
        self._few: Gathered | None = None

    async def finish(self) -> None:
        """Write what was gathered because it is little, or raise Fenced."""
        if self._few is not None:
            await self._few.write(self._driver)

    async def advance(self, before: Positions, after: Positions) -> None:
        """Move positions on by compare-and-swap in one statement, or raise Fenced."""
        rows = [
            (p, before[p].next_offset, before[p].swept_through, new.next_offset, new.last_offset,
             new.last_digest, new.instant_ms, new.swept_through)
            for p, new in sorted(after.items())
        ]  # fmt: skip
        status = await self._driver.execute(sql.ADVANCE, self._topic, *_columns(rows, 8))
        if _count(status) != len(rows):
            raise Fenced("a position moved without us")

    async def claim(self, arrivals: Sequence[Arrival]) -> frozenset[bytes]:
        """Return the uids that nobody had claimed; ``arrivals`` holds the first of each."""
        rows = [
            (a.event.uid, a.digest, _at(a.record.appended_ms), a.record.partition, a.record.offset)
            for a in arrivals
        ]
        if len(rows) <= self.few:
            self._few = Gathered()
            known = [row[0] for row in await self._driver.fetch(few.CLAIM, *_columns(rows, 5))]
            return frozenset([row[0] for row in rows]).difference(known)
        await self._driver.execute(sql.STAGE_UIDS)
        await self._driver.copy_records_to_table("incoming_uids", records=rows)
        known = [row[0] for row in await self._driver.fetch(sql.CLAIM)]
        return frozenset([row[0] for row in rows]).difference(known)

    async def stored(self, uids: Collection[bytes]) -> dict[bytes, tuple[bytes, bytes | None]]:
        """Return digest and body of events seen earlier; no body where it was dropped by age."""
        found = await self._driver.fetch(sql.STORED, list(uids)) if uids else []
        return {row["uid"]: (row["digest"], row["body"]) for row in found}

    async def targets(self, uids: Collection[bytes]) -> dict[bytes, Target]:
        """Return the events that retractions name, as far as they were seen; nobody claims others meanwhile."""
        if not uids:
            return {}
        unseen = [row[0] for row in await self._driver.fetch(sql.RESERVE, list(uids))]
        await self._driver.execute(sql.RELEASE, unseen)
        found = await self._driver.fetch(sql.TARGETS, list(uids))
        return {row["uid"]: _target(row) for row in found}

    async def tombstones(self, uids: Collection[bytes]) -> dict[bytes, list[Stone]]:
        """Return what was retracted before it arrived, under whatever product; mostly there is nothing."""
        named = list(uids if len(uids) <= FEW_STONES else await self._perhaps_retracted(uids))
        found: dict[bytes, list[Stone]] = {}
        for row in await self._driver.fetch(sql.TOMBSTONES, named) if named else []:
            found.setdefault(row["uid"], []).append(_stone(row, self._topic))
        return found

    async def _perhaps_retracted(self, uids: Collection[bytes]) -> Collection[bytes]:
        """Return those that a tombstone names, or all where there are many tombstones."""
        some = [row[0] for row in await self._driver.fetch(sql.SOME_TOMBSTONES, FEW_STONES + 1)]
        return set(uids).intersection(some) if len(some) <= FEW_STONES else uids

    async def load(self, product_ids: Collection[str]) -> dict[str, Product]:
        """Return the products that are known."""
        found = await self._driver.fetch(sql.LOAD, list(product_ids)) if product_ids else []
        return {row["product_id"]: product_of(row) for row in found}

    async def older(self, streams: Sequence[Stream], but: Collection[bytes], most: int) -> list[Older]:
        """Return of each stream its newest events that nobody took back, at most so many, newest first."""
        rows = [(one.product_id, one.bears, _at(one.until * 1000)) for one in streams]
        await self._driver.execute(sql.BY_THE_INDEX)
        found = await self._driver.fetch(sql.OLDER, *_columns(rows, 3), list(but), most)
        await self._driver.execute(sql.BY_COST)
        return [
            Older(n, int(at.timestamp()), uid, unpacked(folded)) for n, at, uid, folded in map(tuple, found)
        ]

    async def to_sweep(self, partition: int, silent_since: datetime, after: str, most: int) -> list[Product]:
        """Return the next products of a partition that a sweep could lower, or mark as silent too long."""
        found = await self._driver.fetch(sql.TO_SWEEP, partition, silent_since, after, most)
        return [product_of(row) for row in found]

    async def to_redecide(self, partition: int, after: str, most: int) -> list[Product]:
        """Return the next products of a partition, whatever their level."""
        return [product_of(row) for row in await self._driver.fetch(sql.TO_REDECIDE, partition, after, most)]

    async def keep(self, kept: Collection[Kept]) -> None:
        """Copy raw events with the evidence that was folded."""
        await self._copy("events", sql.EVENT_COLUMNS, [_event_row(one) for one in kept])

    async def save(self, states: Sequence[Settled], policy: Policy) -> None:
        """Write states, each only over the revision it was made from, or raise Fenced."""
        ordered = sorted(states, key=lambda done: done.product.product_id)
        due = [(one.product.product_id, one.product.partition) for one in ordered if one.due]
        if self._few is not None:
            self._few.add("product_state", [state_row(done, policy) for done in ordered])
            self._few.add("indices_due", due)
            return
        if ordered:
            rows = (state_row(done, policy) for done in ordered)
            await self._driver.execute(sql.STAGE_STATES)
            await self._driver.copy_records_to_table("incoming_states", records=rows)
            status = await self._driver.execute(sql.SAVE)
            if _count(status) != len(ordered):
                raise Fenced("a product changed without us")
        if due:
            await self._driver.execute(sql.NOW_DUE, *_columns(due, 2))

    async def load_groups(self, groups: Collection[Group]) -> dict[Group, Held]:
        """Return the sums of the groups that are known."""
        found = await self._driver.fetch(sql.LOAD_ROLLUPS, *_columns(list(groups), 4)) if groups else []
        return {Group(*row[:4]): Held(decode(row[4]), row[5]) for row in map(tuple, found)}

    async def save_groups(self, groups: Mapping[Group, Held]) -> None:
        """Write the sums of groups; their partition is ours, as its position says."""
        rows = [(*group, encode(held.state), held.products) for group, held in groups.items()]
        if self._few is not None:
            self._few.add("rollups", rows)
        elif rows:
            await self._driver.execute(sql.SAVE_ROLLUPS, *_columns(rows, 6))

    async def record_changes(self, changes: Sequence[Change], policy: Policy) -> None:
        """Write the level changes."""
        await self._copy("level_changes", CHANGE_COLUMNS, [change_row(change, policy) for change in changes])

    async def bury(self, stones: Stones) -> None:
        """Keep retractions of events that have not arrived."""
        rows = [
            (uid, product_id, by, _at(arrival.record.appended_ms), arrival.record.partition,
             arrival.record.offset, packed_headers(arrival.record.headers), arrival.record.value)
            for uid, of_one in sorted(stones.items())
            for product_id, by, arrival in of_one
            if arrival is not None
        ]  # fmt: skip
        if rows:
            await self._driver.execute(sql.BURY, *_columns(rows, 8))

    async def mark_retracted(self, retracted: Mapping[bytes, bytes]) -> None:
        """Note on stored events who took them back."""
        if retracted:
            await self.finish()  # what this poll keeps may be what it takes back
            await self._driver.execute(sql.RETRACT, *_columns(sorted(retracted.items()), 2))

    async def quarantine(self, found: Sequence[tuple[Arrival, str]]) -> None:
        """Keep what contradicts or cannot be applied, for a person to look at."""
        rows = [
            (a.event.uid, a.event.product_id, a.event.organisation, reason, a.record.partition,
             a.record.offset, _at(a.record.appended_ms), packed_headers(a.record.headers), a.record.value)
            for a, reason in found
        ]  # fmt: skip
        if rows:
            await self._driver.execute(sql.QUARANTINE, *_columns(rows, 9))

    async def keep_letters(self, letters: Sequence[Letter]) -> None:
        """Keep what could not be scored: record, class of the error, reason."""
        await keep(self._driver, letters)

    async def tell(self, news: Sequence[tuple[int, Record]]) -> None:
        """Write into the outbox, in order, each under the lane of its evidence partition."""
        rows = [(lane, r.topic, r.key, r.value, packed_headers(r.headers)) for lane, r in news]
        await self._copy("outbox", sql.OUTBOX_COLUMNS, rows)

    async def _copy(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        if self._few is not None:
            self._few.add(table, rows)
        elif rows:
            await self._driver.copy_records_to_table(
                table, schema_name="scoring", columns=columns, records=rows
            )


class PostgresStore:
    """Opens the scorer's transactions and reads its positions."""

    def __init__(self, engine: AsyncEngine, topic: str) -> None:
        """Keep the pool and the topic whose positions are ours."""
        self._engine = engine
        self._topic = topic

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """Commit on a clean exit, roll back on an exception."""
        async with self._engine.connect() as connection:
            driver = await driver_of(connection)
            async with driver.transaction():
                transaction = self.transaction(driver)
                yield transaction
                await transaction.finish()

    def transaction(self, driver: asyncpg.Connection) -> PostgresTransaction:
        """Return the work on one connection."""
        return PostgresTransaction(driver, self._topic)

    async def positions(self, starts: Mapping[int, int]) -> dict[int, Position]:
        """Return where these partitions stand; one never seen begins at the start of its log."""
        rows = sorted(starts.items())
        async with self._engine.connect() as connection:
            driver = await driver_of(connection)
            await driver.execute(sql.FIRST_POSITIONS, self._topic, *_columns(rows, 2))
            found = await driver.fetch(sql.POSITIONS, self._topic, list(starts))
        return {row["partition"]: Position(*tuple(row)[1:]) for row in found}


def _target(row: asyncpg.Record) -> Target:
    if row["folded"] is None:
        return Target(row["uid"], "", (), retracted=False, gone=True)
    return Target(row["uid"], row["product_id"], unpacked(row["folded"]), row["retracted_by"] is not None)


def _stone(row: asyncpg.Record, topic: str) -> Stone:
    """Return an early retraction; one whose record was dropped before it was kept here has no arrival."""
    _, product_id, by, appended, partition, offset, headers, body = tuple(row)
    if headers is None:
        return Stone(product_id, by, None)
    at = round(appended.timestamp() * 1000)
    record = Received(topic, partition, offset, at, product_id.encode(), body, unpacked_headers(headers))
    return Stone(product_id, by, Arrival(decode_event(record), record, b"", at))


def _event_row(kept: Kept) -> tuple[Any, ...]:
    event, record = kept.arrival.event, kept.arrival.record
    return (
        _at(record.appended_ms),
        record.partition,
        record.offset,
        event.uid,
        event.product_id,
        event.type,
        event.organisation,
        event.source,
        datetime.fromtimestamp(event.occurred_at, UTC),
        packed_headers(record.headers),
        record.value,
        packed(kept.folded),
        kept.retracted_by,
        _at(kept.arrival.instant_ms),
        bears(kept.folded),
    )


def _columns(rows: Rows, width: int) -> list[list[Any]]:
    """Return rows as the columns that unnest takes."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
