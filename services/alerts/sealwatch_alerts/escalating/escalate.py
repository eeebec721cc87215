"""Chains that are due move on: each step exactly once, written in the transaction that moves its chain."""

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.routing.escalation import Deed, due
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import ESCALATIONS
from sealwatch.shell.serve import wait_or_stop
from sealwatch_alerts.escalating import store
from sealwatch_alerts.escalating.store import Watch

TURN_SECONDS = 1.0
MOST_AT_ONCE = 200


class Escalator:
    """Owns the loop that reminds and escalates."""

    def __init__(self, engine: AsyncEngine, clock: Clock, wake: Sequence[Callable[[], None]] = ()) -> None:
        """Keep the parts; ``wake`` tells the senders that something is due."""
        self._engine, self._clock, self._wake = engine, clock, wake
        self._trouble: str | None = None

    async def ready(self) -> str | None:
        """Return why nobody is reminded now, or None."""
        return self._trouble

    async def run(self, stopping: asyncio.Event) -> None:
        """Remind until asked to stop; trouble with the database is waited out."""
        while not stopping.is_set():
            try:
                full = await self.turn() == MOST_AT_ONCE
                self._trouble = None
            except (DBAPIError, *TRANSIENT) as error:
                full = False
                self._note(f"database: {type(error).__name__}")
            if not full:
                await wait_or_stop(stopping, TURN_SECONDS)

    async def turn(self) -> int:
        """Move on what is due, in one transaction, and return how many chains that were."""
        now = self._clock()
        async with self._engine.begin() as connection:
            watches, ways = await store.claim(connection, now, MOST_AT_ONCE)
            moved = [(watch, due(now, watch.chain, watch.rules)) for watch in watches]
            made = await store.move(connection, moved, ways, now) if moved else 0
        for watch, deed in moved:
            _say(watch, deed)
        if made:
            for wake in self._wake:
                wake()
        return len(moved)

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            logger().error("escalating waits", reason=trouble)
        self._trouble = trouble


def _say(watch: Watch, deed: Deed) -> None:
    about = {"notice": watch.notice_id.hex(), "office": watch.office}
    for step in deed.steps:
        ESCALATIONS.labels(step.kind.value).inc()
        logger().warning("not acknowledged", step=step.kind.value, to_office=step.office, **about)
    if deed.end is not None:
        ESCALATIONS.labels(deed.end.value).inc()
