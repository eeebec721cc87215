"""The loop that tells owners by e-mail of endpoints that were switched off."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.errors import DeliveryFailed, Refused
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import OWNER_NEWS
from sealwatch.shell.serve import take_turns
from sealwatch_alerts.mail.headers import BadHeader
from sealwatch_alerts.mail.letter import Paper
from sealwatch_alerts.mail.switched_off import switched_off_letter
from sealwatch_alerts.mailing.carrier import Post
from sealwatch_alerts.owners import store
from sealwatch_alerts.owners.store import News
from sealwatch_alerts.retry import next_attempt

TURN_SECONDS = 5.0
LEASE = timedelta(minutes=5)


class OwnerDesk:
    """Owns the loop that writes to owners."""

    def __init__(self, engine: AsyncEngine, post: Post, paper: Paper, clock: Clock) -> None:
        """Keep the parts."""
        self._engine, self._post, self._paper, self._clock = engine, post, paper, clock
        self.jitter: Callable[[], float] = lambda: 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Tell until asked to stop; trouble with the database is waited out."""
        await take_turns(self.turn, TURN_SECONDS, stopping, (DBAPIError, *TRANSIENT))

    async def turn(self) -> None:
        """Begin letters of what is new, and try those that are due."""
        now = self._clock()
        async with self._engine.begin() as connection:
            await store.begin(connection, now)
            due = await store.claim(connection, now, LEASE)
        for news in due:
            await self._tell(news, now)

    async def _tell(self, news: News, now: datetime) -> None:
        failure = await self._failure(news, now)
        refused = isinstance(failure, Refused)
        async with self._engine.begin() as connection:
            if failure is None:
                await store.told(connection, news, self._clock())
            else:
                next_at = None if refused else next_attempt(news.failures + 1, now, self.jitter())
                await store.not_told(connection, news, str(failure), next_at)
        OWNER_NEWS.labels("told" if failure is None else "refused" if refused else "unavailable").inc()
        if failure is not None:
            logger().warning("owner not told", letter=news.letter_id.hex(), reason=str(failure))

    async def _failure(self, news: News, now: datetime) -> DeliveryFailed | None:
        """Send the letter, and return why the mail server did not take it, if so."""
        if news.suspended:
            return Refused("the address is suspended")
        named = news.letter_id, now
        try:
            letter = switched_off_letter(news.endpoints, news.contact, news.language, self._paper, named)
            return (await self._post.send(letter)).failure
        except BadHeader as error:
            return Refused(f"our side: {error}")
        except DeliveryFailed as error:
            return error
