"""Addresses are asked whether they want warnings, and what waits in vain is ended."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.links import Purpose
from sealwatch.errors import DeliveryFailed, Refused
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import ATTEMPTS
from sealwatch.shell.serve import take_turns
from sealwatch_alerts.mail.answers import is_hard
from sealwatch_alerts.mail.digest import question_letter
from sealwatch_alerts.mail.letter import Envelope, Reader
from sealwatch_alerts.mailing import store
from sealwatch_alerts.mailing.carrier import Desk, Post
from sealwatch_alerts.mailing.store import Question
from sealwatch_alerts.retry import next_attempt

TURN_SECONDS = 1.0
MOST_AT_ONCE = 20
LEASE = timedelta(minutes=5)
TO_ANSWER = timedelta(days=7)  # the link of a question; after it the api can ask again; ours


class Registrar:
    """Owns the loop that asks addresses."""

    def __init__(self, engine: AsyncEngine, post: Post, desk: Desk, clock: Clock) -> None:
        """Keep the parts."""
        self._engine, self._post, self._desk, self._clock = engine, post, desk, clock
        self.jitter: Callable[[], float] = lambda: 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Ask until asked to stop; trouble with the database is waited out."""
        await take_turns(self.turn, TURN_SECONDS, stopping, (DBAPIError, *TRANSIENT))

    async def turn(self) -> None:
        """Meet new addresses, ask those that wait for it, end what waits in vain."""
        now = self._clock()
        async with self._engine.begin() as connection:
            await store.meet(connection, now)
            await store.forget(connection, now)
            questions = await store.to_ask(connection, now, LEASE, MOST_AT_ONCE)
        for question in questions:
            await self._ask(question, now)

    async def _ask(self, question: Question, now: datetime) -> None:
        failure: DeliveryFailed | None
        try:
            outcome = await self._post.send(_letter(question, self._desk, now))
            failure, status = outcome.failure, outcome.status
        except DeliveryFailed as error:
            failure, status = error, None
        async with self._engine.begin() as connection:
            if failure is None:
                ATTEMPTS.labels("email", "delivered").inc()
                await store.asked(connection, question, self._clock())
                return
            ATTEMPTS.labels("email", "refused" if isinstance(failure, Refused) else "unavailable").inc()
            said, ended = str(failure), isinstance(failure, Refused)
            next_at = None if ended else next_attempt(question.failures + 1, now, self.jitter())
            await store.not_asked(connection, question, said, next_at)
            if ended:
                hard = is_hard(status or 0, said)
                bounce = store.Bounce(question.mailbox_id, question.question_id, hard, said)
                await store.record_bounce(connection, bounce, now)
        logger().warning("address not asked", mailbox=question.mailbox_id.hex(), reason=said)


def _letter(question: Question, desk: Desk, now: datetime) -> Envelope:
    reader = Reader(question.address, question.department, question.language)
    ends_at = now + TO_ANSWER
    link = desk.link(Purpose.CONFIRM, question.mailbox_id, ends_at, question.language)
    paper = desk.paper
    return question_letter(question.organisation, reader, paper, (question.question_id, now), (link, ends_at))
