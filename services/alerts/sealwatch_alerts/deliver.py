"""Due deliveries become attempts: fair over endpoints, leased, recorded many at a time."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sealwatch.errors import DeliveryFailed
from sealwatch.shell.acknowledging import count
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import FAILED, begun, single
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import (
    ATTEMPT_FAILURES,
    ATTEMPT_SECONDS,
    ATTEMPTS,
    CHANGE_TO_ATTEMPT_SECONDS,
    DELIVERIES_PENDING,
)
from sealwatch.shell.serve import take_turns, wait_or_stop
from sealwatch_alerts import store
from sealwatch_alerts.attempt import Conclusion, Outcome, conclude
from sealwatch_alerts.carriers import Carrier
from sealwatch_alerts.gate import Gate
from sealwatch_alerts.places import Places
from sealwatch_alerts.store import Done, Due, Room

MOST_RECORDED = 500
IDLE_SECONDS = 0.25
GATHER_SECONDS = 0.005  # between two claims, so that places that get free are filled together; ours
RECORD_SECONDS = 0.03  # from an attempt to its row, so that many share a transaction; ours
TIDY_SECONDS = 10.0


class Sender:
    """Owns the loops that deliver, record and tidy."""

    def __init__(self, engine: AsyncEngine, carrier: Carrier, clock: Clock) -> None:
        """Keep the parts; each way of telling has a sender of its own, so that none waits for another."""
        self._engine, self._carrier, self._clock = engine, carrier, clock
        self.places = Places()
        self._gates: dict[bytes, Gate] = {}
        self._returned: list[Due] = []
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Queue[Done] = asyncio.Queue()
        self._trouble: str | None = None
        self._more = True
        self.wake = asyncio.Event()
        self.lease = timedelta(seconds=60)
        self.jitter: Callable[[], float] = lambda: 0.0

    async def ready(self) -> str | None:
        """Return why nothing is delivered now, or None."""
        return self._trouble

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until asked to stop; then let attempts in flight end, the rest stays as rows."""
        self._stopping = stopping  # from then on what was claimed ahead is given back
        while not stopping.is_set():
            try:
                await self._claim_and_start(stopping)
            except FAILED as error:
                self._note(f"database: {type(error).__name__}")
                await wait_or_stop(stopping, 1.0)
                continue
            self._note(None)
            await asyncio.sleep(GATHER_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), IDLE_SECONDS)
            self.wake.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)
        with contextlib.suppress(*FAILED):
            async with begun(self._engine) as connection:
                await self._give_back(connection)

    async def record(self, stopping: asyncio.Event) -> None:
        """Write what came of attempts until asked to stop and the last one has ended."""
        while not stopping.is_set() or self._tasks or not self._ended.empty():
            with contextlib.suppress(TimeoutError):
                done = [await asyncio.wait_for(self._ended.get(), IDLE_SECONDS)]
                await asyncio.sleep(RECORD_SECONDS)
                while not self._ended.empty() and len(done) < MOST_RECORDED:
                    done.append(self._ended.get_nowait())
                await self._recorded(done, stopping)

    async def tidy(self, stopping: asyncio.Event) -> None:
        """Cancel what nobody waits for any longer, and count what is pending, now and then."""
        await take_turns(self._tidied, TIDY_SECONDS, stopping, FAILED)

    async def _tidied(self) -> None:
        async with begun(self._engine) as connection:
            await store.tidy(connection, self._clock())
            DELIVERIES_PENDING.set(await store.pending(connection))

    def _note(self, trouble: str | None) -> None:
        if trouble and trouble != self._trouble:
            logger().error("delivering waits", reason=trouble)
        self._trouble = trouble

    async def _give_back(self, connection: AsyncConnection) -> None:
        """End the leases of what was claimed ahead and is not tried now; another claim finds it."""
        returned, self._returned = self._returned, []
        if returned:
            await store.release(connection, returned)

    async def _claim_and_start(self, stopping: asyncio.Event) -> None:
        room = self.places.room()
        self._more = True
        if room.most <= 0:
            return
        now = self._clock()
        async with single(self._engine) as connection:
            await self._give_back(connection)
            due = await self._carrier.claim(connection, now, self.lease, room)
        if stopping.is_set():
            return  # their lease ends by itself
        self._more = _is_full(room, due)
        for one in due:
            self.places.busy[one.subscription_id] += 1
            task = asyncio.create_task(self._in_turn(one, now + self.lease / 2))
            self._tasks.add(task)
            task.add_done_callback(partial(self._seen, one))

    def _seen(self, due: Due, task: asyncio.Task[None]) -> None:
        """Give the place back where an attempt broke instead of ending; its lease brings it back."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger().error("attempt broke", delivery=due.delivery_id.hex(), reason=repr(error))
            self._free(due)

    async def _in_turn(self, due: Due, ends: datetime) -> None:
        """Try it once a place at the endpoint is free, or give it back where that takes too long."""
        gate = self._gates.get(due.subscription_id)
        if gate is None:
            width = self.places.width(due.subscription_id)
            gate = self._gates[due.subscription_id] = Gate(self.places.each, width)
        async with gate.place(urgent=due.urgent):
            if self._stopping.is_set() or self._clock() > ends or self.places.is_beyond_a_probe(due):
                self._returned.append(due)
                self._free(due)
                return
            await self._attempt(due)

    async def _attempt(self, due: Due) -> None:
        started = self._clock()
        if due.failures == 0 and due.told.change is not None:
            waited = (started - datetime.fromisoformat(due.told.change.changed_at)).total_seconds()
            CHANGE_TO_ATTEMPT_SECONDS.observe(max(0.0, waited))
        with ATTEMPT_SECONDS.time():
            outcome = await self._made(due, started)
        now = self._clock()
        done = conclude(outcome, due.failures, now, self.jitter())
        ATTEMPTS.labels(self._carrier.name, done.outcome).inc()
        if done.kind:
            ATTEMPT_FAILURES.labels(self._carrier.name, done.kind).inc()
        self._say(due, done)
        self._learn(due.subscription_id, delivered=done.outcome == "delivered", took=now - started)
        self._ended.put_nowait(Done(due, done, started, now))
        self._free(due)  # its lease, not its place, keeps it from being claimed until it is recorded

    async def _made(self, due: Due, now: datetime) -> Outcome:
        try:
            return await self._carrier.attempt(due, now)
        except DeliveryFailed as error:
            return Outcome(failure=error)

    def _learn(self, one: bytes, *, delivered: bool, took: timedelta) -> None:
        self.places.learn(one, delivered=delivered, took=took)
        if delivered and (gate := self._gates.get(one)) is not None:
            gate.widen(self.places.width(one))

    def _say(self, due: Due, done: Conclusion) -> None:
        """Say it once when an endpoint starts to fail, and whenever a delivery ends undelivered."""
        new = due.subscription_id not in self.places.failing
        if done.outcome == "delivered":
            return
        if new or done.state != "pending":
            names = {"subscription": due.subscription_id.hex(), "delivery": due.delivery_id.hex()}
            logger().warning("not delivered", state=done.state, reason=done.detail, **names)

    async def _recorded(self, done: list[Done], stopping: asyncio.Event) -> None:
        """Write them, waiting for the database; what is not written is sent again under its old id."""
        while True:
            try:
                async with begun(self._engine) as connection:
                    words = await self._carrier.conclude(connection, done)
                count(words)
                break
            except FAILED as error:
                self._note(f"database: {type(error).__name__}")
                if await wait_or_stop(stopping, 1.0):
                    break

    def _free(self, due: Due) -> None:
        self.places.free(due.subscription_id)
        busy = self.places.busy[due.subscription_id]
        if not busy:
            self._gates.pop(due.subscription_id, None)
        limit = self.places.limit(due.subscription_id)
        # Ahead until half of it is free: a claim for each place that gets free cost more than all else.
        if self._more and (limit <= self.places.each or 2 * busy <= limit):
            self.wake.set()


def _is_full(room: Room, due: Sequence[Due]) -> bool:
    """Return whether more may be due than there was room for; else nothing need be asked at once."""
    taken = Counter(one.subscription_id for one in due)
    rooms = {**dict.fromkeys(taken, room.each), **room.others}
    return len(due) >= room.most or any(taken[one] >= left for one, left in rooms.items())
