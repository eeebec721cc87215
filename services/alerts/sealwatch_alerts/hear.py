"""Level changes become notices and deliveries, exactly once, one transaction a poll."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sealwatch.contracts.codec import Received, digest_of
from sealwatch.contracts.risk import LevelChanged
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.errors import BrokerUnavailable, Fenced, Halted, UnreadableRecord
from sealwatch.routing.audience import Audience, subscribers_of
from sealwatch.routing.coping import Action, actions_of
from sealwatch.routing.history import Pace
from sealwatch.routing.notice import RANK, SERIOUS, decide
from sealwatch.routing.route import notice_id_of, remember, route
from sealwatch.shell.audience import Asked, Remembered, asked, history, paces
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import FAILED, begun, together
from sealwatch.shell.kafka import GroupConsumer, ReadAt, faults_of
from sealwatch.shell.letters import Flood, Letter
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import ACTIONS, DECISIONS, LISTENING_HALTED, NOTICES
from sealwatch.shell.serve import wait_or_stop
from sealwatch_alerts.changes import change_of
from sealwatch_alerts.decisions import store
from sealwatch_alerts.decisions.store import Write
from sealwatch_alerts.escalating import store as watches
from sealwatch_alerts.letters import keep_letters
from sealwatch_alerts.message import BY_WORD
from sealwatch_alerts.strategies import Shelf

MOST_RECORDS = 500
PATIENCE, NONE = timedelta(milliseconds=50), timedelta(0)
PACE_SECONDS = 0.01  # between two small polls, so that a stream shares transactions; the first waits for none
SMALL = 100  # changes up to which a poll waits for others; ours
Asking = Callable[[AsyncConnection, datetime], Awaitable[Asked]]
STUCK_SECONDS = 120.0  # joining may take a minute while Kafka is away


class Listener:
    """Owns the loop that hears of level changes."""

    def __init__(
        self,
        join: Callable[[], GroupConsumer],
        engine: AsyncEngine,
        wake: asyncio.Event,
        shelf: Shelf,
        read_at: ReadAt,
    ) -> None:
        """Keep the parts; ``wake`` tells the sender that something is due."""
        self._join, self._engine, self._wake = join, engine, wake
        self._shelf, self._read_at = shelf, read_at
        self._positions: dict[int, store.Place] = {}
        self._stopped: dict[int, str] = {}
        self._generation = -1
        self._trouble: str | None = "has not joined yet"
        self._turned = self._polled = 0.0
        self._letters = Flood()
        self._audience = Remembered()

    async def ready(self) -> str | None:
        """Return why level changes are not heard now, or not those of some partitions, or None."""
        stopped = [f"partition {p} halted: {why}" for p, why in sorted(self._stopped.items())]
        return self._trouble or "; ".join(stopped) or None

    async def progress(self) -> str | None:
        """Return whether the loop has stopped turning."""
        idle = _now() - self._turned if self._turned else 0.0
        return f"no turn for {idle:.0f} s" if idle > STUCK_SECONDS else None

    async def run(self, stopping: asyncio.Event, clock: Clock) -> None:
        """Listen until asked to stop; trouble with Kafka or the database is waited out."""
        while not stopping.is_set():
            try:
                await self._as_member(stopping, clock)
            except (Fenced, Halted, BrokerUnavailable, *FAILED) as error:
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
            self._positions, self._stopped, self._generation = {}, {}, -1
            await consumer.stop()

    async def _turn(self, consumer: GroupConsumer, clock: Clock) -> None:
        if consumer.generation != self._generation:
            await self._take_over(consumer)
        found = await self._heard(consumer)
        if consumer.generation != self._generation:
            return
        records = [r for r in found if self._is_next(r)]
        if records:
            last = {r.partition: r for r in records}
            after = {p: store.Place(r.offset + 1, r.offset, digest_of(r)) for p, r in last.items()}
            async with begun(self._engine) as connection:
                await store.advance(connection, LEVEL_CHANGES.name, self._positions, after)
                heard = await hear(connection, records, clock(), self._shelf, self._audience.asked)
                self._letters.count(heard, _now())
            self._positions |= after
            self._wake.set()

    async def _heard(self, consumer: GroupConsumer) -> list[Received]:
        """Return the next records, after a small poll those of some milliseconds together."""
        found = await consumer.poll(MOST_RECORDS, PATIENCE)
        if 0 < len(found) < SMALL:
            await asyncio.sleep(max(0.0, self._polled + PACE_SECONDS - _now()))
            found += await consumer.poll(MOST_RECORDS, NONE)
        self._polled = _now()
        return found

    def _is_next(self, record: Received) -> bool:
        place = self._positions.get(record.partition)
        return place is not None and record.offset >= place.next_offset

    async def _take_over(self, consumer: GroupConsumer) -> None:
        """Read where the assigned partitions stand, and let go of one whose log is not the one we knew."""
        generation, assigned = consumer.generation, consumer.assigned
        positions: dict[int, store.Place] = {}
        faults: dict[int, str] = {}
        if assigned:
            starts = await consumer.starts(assigned)
            async with self._engine.begin() as connection:
                positions = await store.positions(connection, LEVEL_CHANGES.name, starts)
            faults = await faults_of(positions, starts, await consumer.ends(assigned), self._read_at)
            sound = {p: place for p, place in positions.items() if p not in faults}
            consumer.seek(starts | {p: place.next_offset for p, place in sound.items()})
            positions = sound
        if consumer.generation == generation:
            self._positions, self._generation, self._trouble = positions, generation, None
            self._let_go(faults)
            consumer.pause(faults)

    def _let_go(self, faults: dict[int, str]) -> None:
        """Say which partitions stand still; the others go on."""
        self._stopped = faults
        LISTENING_HALTED.set(len(faults))
        for partition, reason in faults.items():
            logger().error("partition halted", partition=partition, reason=reason)


async def hear(
    connection: AsyncConnection,
    records: Sequence[Received],
    now: datetime,
    shelf: Shelf,
    audience: Asking = asked,
) -> int:
    """Write what follows from these records, in the caller's transaction; return how many became letters."""
    changes: list[LevelChanged] = []
    letters: list[Letter] = []
    for record in records:
        try:
            changes.append(change_of(record.value))
        except UnreadableRecord as error:
            letters.append(_given_up(record, str(error)))
    news = await _noticed(connection, changes, now) if changes else []
    if news:
        writes = await _told(connection, news, now, await audience(connection, now))
        await shelf.learn(connection, {one.policy_version for one in news})
        await together(connection, [*writes, *_asked(news, shelf)])
    await keep_letters(connection, letters)
    return len(letters)


def _given_up(record: Received, reason: str) -> Letter:
    """Return the letter of a record that is no level change, and say so once."""
    NOTICES.labels("quiet", "unreadable").inc()
    where = {"partition": record.partition, "offset": record.offset}
    logger().error("dead letter", topic=record.topic, reason=reason, **where)
    return record, "unreadable", reason


def _asked(news: Sequence[LevelChanged], shelf: Shelf) -> list[Write]:
    """Return what writes the actions that these changes ask for."""
    found = [(one, action) for one in news for action in _actions(one, shelf)]
    ACTIONS.inc(len(found))
    return store.actions_of(found)


def _actions(change: LevelChanged, shelf: Shelf) -> list[Action]:
    strategy = shelf.of(change.policy_version, BY_WORD[change.after])
    return actions_of(change, notice_id_of(change), strategy)


async def _noticed(
    connection: AsyncConnection, changes: Sequence[LevelChanged], now: datetime
) -> list[LevelChanged]:
    """Write a notice of each change not known already, and return those that are to be told of."""
    last = await store.last_sequences(connection, (one.product_id for one in changes))
    heard = []
    for change in changes:
        newest = last.get(change.product_id)
        heard.append(store.Heard(change, decide(newest, change)))
        last[change.product_id] = max(change.sequence, newest or 0)
    fresh = await store.record_notices(connection, heard, now)
    news = []
    for one in heard:
        if (notice_id := notice_id_of(one.change)) in fresh:
            fresh.discard(notice_id)  # the same change may come twice in one poll
            NOTICES.labels("tell" if one.decision.tell else "quiet", one.decision.reason.value).inc()
            news.extend([one.change] if one.decision.tell else [])
    return news


async def _told(
    connection: AsyncConnection, news: Sequence[LevelChanged], now: datetime, known: Asked
) -> list[Write]:
    """Decide for each reader, in the order of the changes; return what writes that and what carries it."""
    past = await history(connection, news, known, now)
    past.paces = before = await _held(connection, news, known.audience, now)
    before = dict(before)
    decided = []
    for change in news:
        for verdict in route(change, known.audience, past, known.rules, now):
            remember(past, change, verdict, known.rules, now)
            decided.append(store.Decided(change, verdict))
            outcome = "tell" if verdict.message else "quiet"
            DECISIONS.labels(outcome, verdict.reason.value).inc()
    changed = {key: pace for key, pace in past.paces.items() if pace is not before.get(key)}
    await store.record_paces(connection, changed)
    return [*store.decisions_of(decided, now), *watches.begun(decided)] if decided else []


async def _held(
    connection: AsyncConnection, news: Sequence[LevelChanged], audience: Audience, now: datetime
) -> dict[bytes, Pace]:
    """Return the paces of all who may be told below the top level, held until this transaction ends.

    A message that is on its way, or was tried, gathers no longer.
    """
    ordinary = [one for one in news if RANK[one.after] < SERIOUS]
    readers = {
        one.subscription_id for change in ordinary for one in subscribers_of(change, audience.subscriptions)
    }
    if not readers:
        return {}
    await store.hold_paces(connection, readers)
    held = await paces(connection, sorted(readers), lock=True)
    open_ = [one.delivery_id for pace in held.values() for one in pace.gathering(now)]
    able = await store.still_open(connection, open_, now) if open_ else set()
    return {key: pace.with_only(able) for key, pace in held.items()}


def _now() -> float:
    return asyncio.get_running_loop().time()
