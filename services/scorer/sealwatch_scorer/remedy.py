"""The remedy after a halt: how positions stand against the log, and setting them anew."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.codec import Received
from sealwatch.errors import BrokerUnavailable, Fenced, Misconfigured
from sealwatch.shell.db import driver_of
from sealwatch.shell.kafka import Where, faults_of, read_at
from sealwatch.shell.kafka.bounds import Bounds, bounds_of
from sealwatch_scorer import queries
from sealwatch_scorer.store import Position

EARLIEST, LATEST = "earliest", "latest"


class OutOfLog(Misconfigured):
    """An offset was asked for that the log does not hold."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A partition: its position if it was ever read, what the log holds, why a scorer would halt."""

    position: Position | None
    bounds: Bounds | None
    trouble: str | None = None


async def survey(engine: AsyncEngine, where: Where, topic: str) -> dict[int, Stand]:
    """Return how every partition stands; raise where Kafka or the topic is not there."""
    positions = await _positions(engine, topic)
    bounds = await bounds_of(where, topic)
    last = {p: at for p, stored in positions.items() if (at := _readable(stored, bounds.get(p))) is not None}
    found = await read_at(where, topic, last) if last else {}
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
    engine: AsyncEngine, topic: str, stands: Mapping[int, Stand], chosen: Mapping[int, int]
) -> None:
    """Set these positions in one transaction, or raise Fenced and change nothing where one moved."""
    new = sorted(p for p in chosen if stands[p].position is None)
    moved = [(p, _next(stands[p], chosen[p]), chosen[p]) for p in sorted(chosen)]
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        async with driver.transaction():
            await _refuse_beside_scorers(driver)
            await driver.execute(queries.FIRST, topic, new, [chosen[p] for p in new])
            status = await driver.execute(queries.RESET, topic, *map(list, zip(*moved, strict=True)))
            if status != f"UPDATE {len(moved)}":
                raise Fenced("a position moved meanwhile, so a scorer is at work: nothing was changed")


async def _refuse_beside_scorers(driver: asyncpg.Connection) -> None:
    if await driver.fetchval(queries.SCORERS):
        raise Misconfigured("a scorer is connected to this database: stop all scorers first")


def _next(stand: Stand, chosen: int) -> int:
    return chosen if stand.position is None else stand.position.next_offset


async def _positions(engine: AsyncEngine, topic: str) -> dict[int, Position]:
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        found = await driver.fetch(queries.POSITIONS, topic)
    return {row["partition"]: Position(*tuple(row)[1:]) for row in found}


def _readable(position: Position, bounds: Bounds | None) -> int | None:
    """Return the offset of the last committed record where the log could still hold it."""
    at = position.last_offset
    return at if at is not None and bounds is not None and bounds.start <= at < bounds.end else None


async def _trouble(
    partition: int, position: Position | None, bounds: Bounds | None, found: Mapping[int, Received]
) -> str | None:
    """Return what would halt a scorer that takes this partition over."""
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
