"""A process that escalates, on a clock that runs fast; killed at any instant by its test.

``hasty`` is the control: it moves chains on in one transaction and writes their steps in another.
"""

import asyncio
import sys
from datetime import datetime, timedelta

from sealwatch.routing.escalation import Deed, due
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.escalating import store
from sealwatch_alerts.escalating.escalate import Escalator
from tests.factories import NOON

SPEED = 900  # a second is a quarter of an hour


class Hasty(Escalator):
    """Moves first, and writes what follows from it later."""

    async def turn(self) -> int:
        """Move chains on, and then write their steps."""
        now = self._clock()
        async with self._engine.begin() as connection:
            watches, ways = await store.claim(connection, now, 200)
            moved = [(watch, due(now, watch.chain)) for watch in watches]
            only = [(watch, Deed((), deed.next_at, deed.end)) for watch, deed in moved]
            await (store.move(connection, only, ways, now) if only else asyncio.sleep(0))
        for one in moved:
            async with self._engine.begin() as connection:
                await store.move(connection, [one], ways, now)
        return len(moved)


async def climb(url: str, began: str, kind: str) -> None:
    """Escalate until killed."""
    since = datetime.fromisoformat(began)
    settings = AlertsSettings(database_url=url, secrets_key="unused")
    engine = open_engine(settings, "sealwatch_alerts", application="climber")

    def clock() -> datetime:
        return NOON + (utc_now() - since) * SPEED

    escalator = (Hasty if kind == "hasty" else Escalator)(engine, clock)
    while True:
        await escalator.turn()
        await asyncio.sleep(timedelta(milliseconds=5).total_seconds())


if __name__ == "__main__":
    asyncio.run(climb(*sys.argv[1:]))
