"""The remedy after a halt: how positions of a reader stand against the log, and setting them anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.codec import Received
from sealwatch.contracts.topics import EVIDENCE, LEVEL_CHANGES
from sealwatch.errors import BrokerUnavailable, Fenced, Misconfigured
from sealwatch.shell.db import driver_of
from sealwatch.shell.kafka import Where, faults_of, read_at
from sealwatch.shell.kafka.bounds import Bounds, bounds_of

EARLIEST, LATEST = "earliest", "latest"
_POSITIONS = """
select partition, next_offset, last_offset, last_digest, {swept} as swept_through
from {table} where topic = $1 order by partition
"""
# A reader keeps its connections, also while it is halted: it looks at its tables all the time.
_READERS = """
select count(*) from pg_stat_activity
where datname = current_database() and application_name = $1
"""
_FIRST = """
insert into {table} (topic, partition, next_offset)
select $1, * from unnest($2::int[], $3::bigint[]) on conflict do nothing
"""
# What a new log holds before the offset is unknown, so the last record is forgotten. Instant and swept
# day of scoring stay: neither ever goes back. A row that moved meanwhile belongs to a reader and stays.
_RESET = """
update {table} p set next_offset = u.next, last_offset = null, last_digest = null
from unnest($2::int[], $3::bigint[], $4::bigint[]) as u (partition, expected, next)
where p.topic = $1 and p.partition = u.partition and p.next_offset = u.expected
"""


class OutOfLog(Misconfigured):
    """An offset was asked for that the log does not hold."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a topic: the service, its table of positions, the column of its swept day if any."""

    service: str
    topic: str
    table: str
    swept: str = "null::date"

    @property
    def role(self) -> str:
        """Return the role of the database that owns the table."""
        return f"sealwatch_{self.service}"


SCORING = Reader("scorer", EVIDENCE.name, "scoring.positions", "swept_through")
WARNINGS = Reader("alerts", LEVEL_CHANGES.name, "alerting.positions")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partition stands: next offset, last committed record, and the day it was swept through."""

    next_offset: int
    last_offset: int | None = None
    last_digest: bytes | None = None
    swept_through: date | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """A partition: its position if it was ever read, what the log holds, why its reader would halt."""

    position: Position | None
    bounds: Bounds | None
    trouble: str | None = None


async def survey(engine: AsyncEngine, where: Where, reader: Reader) -> dict[int, Stand]:
    """Return how every partition stands; raise where Kafka or the topic is not there."""
    positions = await _positions(engine, reader)
    bounds = await bounds_of(where, reader.topic)
    last = {p: at for p, stored in positions.items() if (at := _readable(stored, bounds.get(p))) is not None}
    found = await read_at(where, reader.topic, last) if last else {}
    return {
        p: Stand(positions.get(p), bounds.get(p), await _trouble(p, positions.get(p), bounds.get(p), found))
        for p in sorted(positions.keys() | bounds.keys())
    }


def aims(stands: Mapping[int, Stand], to: str) -> dict[int, int]:
    """Return the next offset of each partition, or raise OutOfLog where the log has no such place."""
    chosen: dict[int, int] = {}
    for partition, stand in stands.items():
        if stand.bounds is None:
            raise OutOfLog(f"the topic has no partition {partition}")
        start, end = stand.bounds
        offset = {EARLIEST: start, LATEST: end}.get(to)
        offset = int(to) if offset is None else offset
        if not start <= offset <= end:
            raise OutOfLog(f"partition {partition} holds {start} to {end}, not {offset}")
        chosen[partition] = offset
    return chosen


async def reset(
    engine: AsyncEngine, reader: Reader, stands: Mapping[int, Stand], chosen: Mapping[int, int]
) -> None:
    """Set these positions in one transaction, or raise Fenced and change nothing where one moved."""
    new = sorted(p for p in chosen if stands[p].position is None)
    moved = [(p, _next(stands[p], chosen[p]), chosen[p]) for p in sorted(chosen)]
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        async with driver.transaction():
            await _refuse_beside(driver, reader)
            first, again = (sql.format(table=reader.table) for sql in (_FIRST, _RESET))
            await driver.execute(first, reader.topic, new, [chosen[p] for p in new])
            status = await driver.execute(again, reader.topic, *map(list, zip(*moved, strict=True)))
            if status != f"UPDATE {len(moved)}":
                raise Fenced(
                    f"a position moved meanwhile, so {reader.service} is at work: nothing was changed"
                )


async def _refuse_beside(driver: asyncpg.Connection, reader: Reader) -> None:
    if await driver.fetchval(_READERS, f"sealwatch-{reader.service}"):
        raise Misconfigured(
            f"{reader.service} is connected to this database: stop all of its processes first"
        )


def _next(stand: Stand, chosen: int) -> int:
    return chosen if stand.position is None else stand.position.next_offset


async def _positions(engine: AsyncEngine, reader: Reader) -> dict[int, Position]:
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        sql = _POSITIONS.format(table=reader.table, swept=reader.swept)
        found = await driver.fetch(sql, reader.topic)
    return {row["partition"]: Position(*tuple(row)[1:]) for row in found}


def _readable(position: Position, bounds: Bounds | None) -> int | None:
    """Return the offset of the last committed record where the log could still hold it."""
    at = position.last_offset
    return at if at is not None and bounds is not None and bounds.start <= at < bounds.end else None


async def _trouble(
    partition: int, position: Position | None, bounds: Bounds | None, found: Mapping[int, Received]
) -> str | None:
    """Return what would halt the reader that takes this partition over."""
    if bounds is None:
        return "the topic has no such partition"
    if position is None:
        return None

    async def read(offsets: Mapping[int, int]) -> Mapping[int, Received]:
        return {p: found[p] for p in offsets if p in found}

    try:
        faults = await faults_of(
            {partition: position}, {partition: bounds.start}, {partition: bounds.end}, read
        )
    except BrokerUnavailable as reason:
        return str(reason)
    return faults.get(partition)
