"""Due deliveries become attempts: fair over endpoints, leased, concluded in a row each."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.errors import DeliveryFailed
from sealwatch.risk.policy import Policy
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import (
    ATTEMPT_SECONDS,
    ATTEMPTS,
    CHANGE_TO_ATTEMPT_SECONDS,
    DELIVERIES_PENDING,
)
from sealwatch.shell.secrets import Seal
from sealwatch.shell.serve import wait_or_stop
from sealwatch_alerts import store
from sealwatch_alerts.attempt import Conclusion, Request, conclude, prepare
from sealwatch_alerts.message import render
from sealwatch_alerts.store import Due

MOST_AT_ONCE = 200
IDLE_SECONDS = 0.25


class Channel(Protocol):
    """Makes one attempt."""

    async def send(self, request: Request) -> int:
        """Return the status of a success, or raise Refused or Unavailable."""


class Sender:
    """Owns the loop that delivers."""

    def __init__(
        self, engine: AsyncEngine, channel: Channel, seal: Seal, policy: Policy, clock: Clock
    ) -> None:
        """Keep the parts."""
        self._engine, self._channel, self._seal = engine, channel, seal
        self._policy, self._clock = policy, clock
        self._busy: Counter[bytes] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self.wake = asyncio.Event()
        self.each = 4
        self.lease = timedelta(seconds=60)
        self.jitter: Callable[[], float] = lambda: 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver until asked to stop; then let attempts in flight end, the rest stays as rows."""
        while not stopping.is_set():
            try:
                started = await self._claim_and_start()
            except (DBAPIError, *TRANSIENT) as error:
                logger().error("delivering waits", reason=type(error).__name__)
                await wait_or_stop(stopping, 1.0)
                continue
            if not started:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.wake.wait(), IDLE_SECONDS)
                self.wake.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _claim_and_start(self) -> int:
        room = MOST_AT_ONCE - len(self._tasks)
        if room <= 0:
            return 0
        full = [endpoint for endpoint, count in self._busy.items() if count >= self.each]
        async with self._engine.begin() as connection:
            due = await store.claim(connection, self._clock(), self.lease, full, each=self.each, most=room)
            if not due:
                DELIVERIES_PENDING.set(await store.pending(connection))
        for one in due:
            self._busy[one.subscription_id] += 1
            task = asyncio.create_task(self._attempt(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(due)

    async def _attempt(self, due: Due) -> None:
        started = self._clock()
        try:
            done = await self._made(due)
            async with self._engine.begin() as connection:
                await store.conclude(connection, due, done, started, self._clock())
        except (DBAPIError, *TRANSIENT) as error:
            logger().error(
                "attempt not recorded", delivery=due.delivery_id.hex(), reason=type(error).__name__
            )
        finally:
            self._busy[due.subscription_id] -= 1
            self.wake.set()

    async def _made(self, due: Due) -> Conclusion:
        now = self._clock()
        if due.failures == 0:
            CHANGE_TO_ATTEMPT_SECONDS.observe(max(0.0, (now - _changed_at(due)).total_seconds()))
        secret = self._seal.open(due.secret_sealed).decode()
        body = render(due.change, due.reason, self._policy)
        failure: DeliveryFailed | None = None
        status: int | None = None
        with ATTEMPT_SECONDS.time():
            try:
                status = await self._channel.send(prepare(due.url, secret, due.delivery_id, body, now))
            except DeliveryFailed as error:
                failure = error
        done = conclude(failure, due.failures, self._clock(), self.jitter())
        ATTEMPTS.labels("webhook", done.outcome).inc()
        return done if status is None else Conclusion(done.state, done.outcome, done.detail, status=status)


def _changed_at(due: Due) -> datetime:
    return datetime.fromisoformat(due.change.changed_at)
