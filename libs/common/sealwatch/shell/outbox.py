"""The outbox: what was decided in a transaction is told to Kafka afterwards, in order, at least once.

Rows carry a lane (the evidence partition). Whoever holds the advisory lock of a lane, for the length
of one transaction, relays it by id; ids are drawn after the position of the partition was locked,
so the order of ids is the order of commits. Receivers know the event id, so a repeat is harmless.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sealwatch.contracts.codec import Record, packed_headers, unpacked_headers
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.bell import Bell
from sealwatch.shell.db import FAILED, UNAWAITED, Row, Statement, begun
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import OUTBOX_OLDEST_SECONDS, OUTBOX_RELAYED
from sealwatch.shell.serve import wait_or_stop

Publish = Callable[[Sequence[Record]], Awaitable[None]]
MOST_ROWS = 1_000
GATHER_SECONDS = (
    0.005  # after some rows, so that a stream of them shares transactions; the first waits for none
)
IDLE_SECONDS = 1.0  # between two looks nobody rang for: a ring can be lost with its connection
TROUBLE_SECONDS = 1.0
LOCK_CLASS = {"scoring": 0x5EA2, "registry": 0x5EA3}  # any two fixed numbers

# From lane to lane by the index: looking at all that waits costs more than sending some of it.
LANES = """
with recursive steps as (
    (select lane from {schema}.outbox where sent_at is null order by lane limit 1)
    union all
    select (
        select lane from {schema}.outbox where sent_at is null and lane > steps.lane order by lane limit 1
    ) from steps where steps.lane is not null
), pending as materialized (select lane from steps where lane is not null)
select lane, now() as now, (
    select created_at from {schema}.outbox o
    where sent_at is null and o.lane = pending.lane order by outbox_id limit 1
) as oldest
from pending where pg_try_advisory_xact_lock(:class, lane)
"""
UNSENT = """
select outbox_id, topic, key, value, headers from {schema}.outbox
where sent_at is null and lane = any(:lanes) order by outbox_id limit :most
"""
SENT = f"""
update {{schema}}.outbox set sent_at = now() from (select {UNAWAITED}) as unawaited
where outbox_id = any(:ids)
"""  # noqa: S608  # one fixed text
INSERT = (
    "insert into {schema}.outbox (lane, topic, key, value, headers) "
    "values (:lane, :topic, :key, :value, :headers)"
)


@lru_cache
def _statement(sql: str, schema: str) -> Statement:
    return Statement(sql.format(schema=schema))


async def add(connection: AsyncConnection, schema: str, lane: int, records: Sequence[Record]) -> None:
    """Write records into the outbox, in the caller's transaction."""
    if records:
        rows = [
            {
                "lane": lane,
                "topic": record.topic,
                "key": record.key,
                "value": record.value,
                "headers": packed_headers(record.headers),
            }
            for record in records
        ]
        await connection.execute(text(INSERT.format(schema=schema)), rows)


async def relay(engine: AsyncEngine, schema: str, publish: Publish, stopping: asyncio.Event) -> None:
    """Relay until asked to stop; trouble with Kafka or the database is waited out."""
    bell = Bell(engine, f"sealwatch_outbox_{schema}")
    listening = asyncio.create_task(bell.listen(stopping))
    try:
        await _relayed(engine, schema, publish, bell, stopping)
    finally:
        listening.cancel()
        await asyncio.wait({listening})


async def _relayed(
    engine: AsyncEngine, schema: str, publish: Publish, bell: Bell, stopping: asyncio.Event
) -> None:
    troubled = False
    while not stopping.is_set():
        try:
            sent = await relay_once(engine, schema, publish)
        except (BrokerUnavailable, *FAILED) as error:
            if not troubled:
                logger().error("outbox waits", schema=schema, reason=type(error).__name__)
            troubled = True
            await wait_or_stop(stopping, TROUBLE_SECONDS)
        else:
            troubled = False
            if sent and sent < MOST_ROWS:
                await wait_or_stop(stopping, GATHER_SECONDS)
            if sent < MOST_ROWS:
                await bell.wait(stopping, IDLE_SECONDS)


async def relay_once(engine: AsyncEngine, schema: str, publish: Publish) -> int:
    """Relay what is there of the lanes that nobody else is relaying; return how many rows."""
    async with begun(engine) as connection:
        lanes = await _locked_lanes(connection, schema)
        if not lanes:
            return 0
        rows = await _unsent(connection, schema, lanes)
        if not rows:
            return 0
        await publish([_record(row) for row in rows])
        await _statement(SENT, schema)(connection, {"ids": [row["outbox_id"] for row in rows]})
    OUTBOX_RELAYED.inc(len(rows))
    return len(rows)


async def _locked_lanes(connection: AsyncConnection, schema: str) -> list[int]:
    """Return the lanes with unsent rows whose lock was free; the lock ends with the transaction."""
    rows = await _statement(LANES, schema)(connection, {"class": LOCK_CLASS[schema]})
    # Between the two looks another relay may have sent the last of a lane.
    oldest: Sequence[tuple[datetime, datetime]] = [(row.oldest, row.now) for row in rows if row.oldest]
    OUTBOX_OLDEST_SECONDS.set(max(((now - old).total_seconds() for old, now in oldest), default=0.0))
    return [row.lane for row in rows]


async def _unsent(connection: AsyncConnection, schema: str, lanes: list[int]) -> Sequence[Row]:
    """Return unsent rows as they are now: another relay may have sent some before its lock ended."""
    return await _statement(UNSENT, schema)(connection, {"lanes": lanes, "most": MOST_ROWS})


def _record(row: Row) -> Record:
    return Record(row["topic"], row["key"], row["value"], unpacked_headers(row["headers"]))
