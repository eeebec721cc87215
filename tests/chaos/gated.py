"""Stores that ask before each transaction, so that a writer can be frozen just before it begins.

The gate is a table of the test's own database. Asking takes no transaction that could time out, so
whoever passes after a freeze really writes, with what it polled and remembered before.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from sealwatch.shell.db import driver_of
from sealwatch_scorer.store import PostgresStore, PostgresTransaction

ASK = "update chaos.gate set asked = asked + 1 where instance = $1"
ENTER = "update chaos.gate set granted = granted + 1 where instance = $1 and granted < allowed"
FENCES = (
    " and p.next_offset = u.expected",
    " and p.swept_through is not distinct from u.expected_day",
    "where old.revision = excluded.revision - 1",
)
NEVER = 10**9


class Gated(PostgresStore):
    """The store of the product behind a gate."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresTransaction]:
        """Wait for the gate, then do as the product does."""
        instance = os.environ["SEALWATCH_INSTANCE"]
        async with self._engine.connect() as connection:
            driver = await driver_of(connection)
            await driver.execute(ASK, instance)
            while await driver.execute(ENTER, instance) != "UPDATE 1":  # noqa: ASYNC110  # a table has no event
                await asyncio.sleep(0.01)
        async with super().begin() as tx:
            yield tx


class Unfenced:
    """A connection whose statements compare nothing any longer."""

    def __init__(self, driver: asyncpg.Connection) -> None:
        self._driver = driver

    def __getattr__(self, name: str) -> object:
        return getattr(self._driver, name)

    async def execute(self, statement: str, *arguments: object) -> str:
        """Run a statement without its fences."""
        return await self._driver.execute(_unfenced(statement), *arguments)

    async def fetchval(self, statement: str, *arguments: object) -> object:
        """Run a statement without its fences, and return what it counts."""
        return await self._driver.fetchval(_unfenced(statement), *arguments)


def _unfenced(statement: str) -> str:
    for fence in FENCES:
        statement = statement.replace(fence, "")
    return statement


class WithoutCompareAndSwap(Gated):
    """Positions and states are written whatever stands there."""

    def transaction(self, driver: asyncpg.Connection) -> PostgresTransaction:
        """Return the broken work."""
        return PostgresTransaction(Unfenced(driver), self._topic)


class Gate:
    """The harness's side: how many transactions each process may begin."""

    def __init__(self, watch: asyncpg.Connection) -> None:
        self._watch = watch

    async def allow(self, instance: str, more: int) -> None:
        await self._watch.execute(
            "insert into chaos.gate (instance, allowed) values ($1, $2) "
            "on conflict (instance) do update set allowed = gate.granted + $2",
            instance,
            more,
        )

    async def waits(self, instance: str) -> bool:
        return await self._watch.fetchval(
            "select asked > granted from chaos.gate where instance = $1", instance
        )
