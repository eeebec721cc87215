"""A bell that another session rings when it commits, so that nobody has to look again and again.

PostgreSQL's NOTIFY can be lost with a connection, so whoever waits also looks now and then.
"""

import asyncio

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.shell.db import TRANSIENT, driver_of
from sealwatch.shell.serve import wait_or_stop

AGAIN_SECONDS = 1.0


class Bell:
    """Rung by ``pg_notify`` on one channel."""

    def __init__(self, engine: AsyncEngine, channel: str) -> None:
        """Keep where to listen."""
        self._engine, self._channel = engine, channel
        self._rung = asyncio.Event()

    async def listen(self, stopping: asyncio.Event) -> None:
        """Listen until asked to stop, again and again where the connection is lost."""
        while not stopping.is_set():
            try:
                await self._listen(stopping)
            except (DBAPIError, *TRANSIENT):
                await wait_or_stop(stopping, AGAIN_SECONDS)

    async def wait(self, stopping: asyncio.Event, seconds: float) -> None:
        """Wait until it rings, until asked to stop, or so long."""
        rung = asyncio.ensure_future(self._rung.wait())
        stopped = asyncio.ensure_future(stopping.wait())
        await asyncio.wait({rung, stopped}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        rung.cancel()
        stopped.cancel()
        self._rung.clear()

    async def _listen(self, stopping: asyncio.Event) -> None:
        ended = asyncio.Event()
        async with self._engine.connect() as connection:
            driver = await driver_of(connection)
            driver.add_termination_listener(lambda _: ended.set())
            await driver.add_listener(self._channel, self._ring)
            self._rung.set()  # what was rung before we listened
            waits = {asyncio.ensure_future(event.wait()) for event in (ended, stopping)}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if not ended.is_set():
                await driver.remove_listener(self._channel, self._ring)

    def _ring(self, *_: object) -> None:
        self._rung.set()
