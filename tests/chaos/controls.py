"""Deliberately broken stores: the harness that passes the product must fail each of these."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from sqlalchemy.exc import DBAPIError

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.scoring.step import Arrival
from sealwatch.shell.db import TRANSIENT, driver_of
from sealwatch.shell.serve import run
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.__main__ import wire
from sealwatch_scorer.store import Positions, PostgresStore, PostgresTransaction
from tests.chaos.gated import Gated, WithoutCompareAndSwap


class ForgetfulTransaction(PostgresTransaction):
    """Claims, and then believes every event anyway."""

    async def claim(self, arrivals: Sequence[Arrival]) -> frozenset[bytes]:
        """Return every uid, new or not."""
        return frozenset(arrival.event.uid for arrival in arrivals)

    async def keep(self, kept: object) -> None:
        """Keep no raw events: their key would catch the second copy."""


class WithoutDeduplication(PostgresStore):
    """No event is ever known."""

    def transaction(self, driver: object) -> PostgresTransaction:
        """Return the broken work."""
        return ForgetfulTransaction(driver, self._topic)


class HastyTransaction(PostgresTransaction):
    """Leaves positions to a transaction of their own."""

    def __init__(self, driver: object, topic: str, apart: object) -> None:
        super().__init__(driver, topic)
        self._apart = PostgresTransaction(apart, topic)

    async def advance(self, before: Positions, after: Positions) -> None:
        """Move positions on, committed at once."""
        await self._apart.advance(before, after)


class TwoTransactions(PostgresStore):
    """Positions first, everything else later."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """Open two transactions that do not know each other."""
        async with self._engine.connect() as one, self._engine.connect() as other:
            driver = await driver_of(one)
            async with driver.transaction():
                yield HastyTransaction(driver, self._topic, await driver_of(other))


class Hasty(PostgresStore):
    """Takes a database that does not answer for a record that cannot be scored, as a catch-all does."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """Blame the records for whatever happens."""
        try:
            async with super().begin() as tx:
                yield tx
        except (DBAPIError, *TRANSIENT) as error:
            raise asyncpg.DataError(str(error)) from error


CONTROLS = {
    "without-deduplication": WithoutDeduplication,
    "two-transactions": TwoTransactions,
    "without-compare-and-swap": WithoutCompareAndSwap,
    "outages-are-poison": Hasty,
    "gated": Gated,  # no control: the product itself, in the scenario of the line above
}

if __name__ == "__main__":
    kind = CONTROLS[sys.argv[1]]
    run("scorer", ScorerSettings, partial(wire, make_store=lambda engine: kind(engine, EVIDENCE.name)))
