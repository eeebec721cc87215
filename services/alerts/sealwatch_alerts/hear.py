"""Level changes become notices and deliveries, exactly once, one transaction a poll."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sealwatch.contracts.codec import Received
from sealwatch.contracts.risk import LevelChanged
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.errors import BrokerUnavailable, Fenced, Halted, UnreadableRecord
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.kafka import GroupConsumer
from sealwatch.shell.letters import Flood, Letter
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import NOTICES
from sealwatch.shell.serve import wait_or_stop
from sealwatch_alerts import store
from sealwatch_alerts.audience import Subscription, subscribers_of
from sealwatch_alerts.changes import change_of
from sealwatch_alerts.notice import decide

MOST_RECORDS = 500
PATIENCE = timedelta(milliseconds=50)
STUCK_SECONDS = 120.0  # joining may take a minute while Kafka is away


class Listener:
    """Owns the loop that hears of level changes."""

    def __init__(self, join: Callable[[], GroupConsumer], engine: AsyncEngine, wake: asyncio.Event) -> None:
        """Keep the parts; ``wake`` tells the sender that something is due."""
        self._join, self._engine, self._wake = join, engine, wake
        self._positions: dict[int, int] = {}
        self._generation = -1
        self._trouble: str | None = "has not joined yet"
        self._turned = 0.0
        self._letters = Flood()

    async def ready(self) -> str | None:
        """Return why level changes are not heard now, or None."""
        return self._trouble

    async def progress(self) -> str | None:
        """Return whether the loop has stopped turning."""
        idle = _now() - self._turned if self._turned else 0.0
        return f"no turn for {idle:.0f} s" if idle > STUCK_SECONDS else None

    async def run(self, stopping: asyncio.Event, clock: Clock) -> None:
        """Listen until asked to stop; trouble with Kafka or the database is waited out."""
        while not stopping.is_set():
            try:
                await self._as_member(stopping, clock)
            except (Fenced, Halted, BrokerUnavailable, DBAPIError, *TRANSIENT) as error:
                trouble = (
                    f"{type(error).__name__}: {error}" if isinstance(error, Halted) else type(error).__name__
                )
                if trouble != self._trouble:
                    logger().error("listening interrupted", reason=trouble)
                self._trouble, self._turned = trouble, _now()
                await wait_or_stop(stopping, 1.0)

    async def _as_member(self, stopping: asyncio.Event, clock: Clock) -> None:
        consumer = self._join()
        try:
            await consumer.start()
            while not stopping.is_set():
                self._turned = _now()
                await self._turn(consumer, clock)
        finally:
            self._positions, self._generation = {}, -1
            await consumer.stop()

    async def _turn(self, consumer: GroupConsumer, clock: Clock) -> None:
        if consumer.generation != self._generation:
            await self._take_over(consumer)
        found = await consumer.poll(MOST_RECORDS, PATIENCE)
        if consumer.generation != self._generation:
            return
        records = [r for r in found if r.offset >= self._positions.get(r.partition, r.offset + 1)]
        if records:
            after = {r.partition: r.offset + 1 for r in records}
            async with self._engine.begin() as connection:
                await store.advance(connection, LEVEL_CHANGES.name, self._positions, after)
                self._letters.count(await hear(connection, records, clock()), _now())
            self._positions |= after
            self._wake.set()

    async def _take_over(self, consumer: GroupConsumer) -> None:
        generation, assigned = consumer.generation, consumer.assigned
        positions: dict[int, int] = {}
        if assigned:
            starts = await consumer.starts(assigned)
            async with self._engine.begin() as connection:
                positions = await store.positions(connection, LEVEL_CHANGES.name, starts)
            consumer.seek(positions)
        if consumer.generation == generation:
            self._positions, self._generation, self._trouble = positions, generation, None


async def hear(connection: AsyncConnection, records: Sequence[Received], now: datetime) -> int:
    """Write what follows from these records, in the caller's transaction; return how many became letters."""
    subscriptions = await store.subscriptions(connection)
    letters: list[Letter] = []
    for record in records:
        try:
            change = change_of(record.value)
        except UnreadableRecord as error:
            letters.append(_given_up(record, str(error)))
        else:
            await _heard(connection, change, subscriptions, now)
    await store.keep_letters(connection, letters)
    return len(letters)


def _given_up(record: Received, reason: str) -> Letter:
    """Return the letter of a record that is no level change, and say so once."""
    NOTICES.labels("quiet", "unreadable").inc()
    where = {"partition": record.partition, "offset": record.offset}
    logger().error("dead letter", topic=record.topic, reason=reason, **where)
    return record, "unreadable", reason


async def _heard(
    connection: AsyncConnection, change: LevelChanged, subscriptions: Sequence[Subscription], now: datetime
) -> None:
    decision = decide(await store.last_sequence(connection, change.product_id), change)
    notice_id = await store.record_notice(connection, change, decision, now)
    if notice_id is None:
        return
    NOTICES.labels("tell" if decision.tell else "quiet", decision.reason.value).inc()
    if decision.tell:
        audience = subscribers_of(change, subscriptions)
        await store.record_deliveries(connection, notice_id, change, audience, now)


def _now() -> float:
    return asyncio.get_running_loop().time()
