"""The policies of a database, read as far as the registry grants it to the scorer."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.shell.db import driver_of
from sealwatch.shell.first_policy import shipped_as
from sealwatch.shell.policy_documents import Version
from sealwatch_scorer import sql
from sealwatch_scorer.policies import Published


async def published(engine: AsyncEngine) -> list[Published]:
    """Return every published version in the order of publishing."""
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        return [Published(*row) for row in await driver.fetch(sql.PUBLISHED_POLICIES)]


async def began_with(engine: AsyncEngine, likely: Version) -> Version:
    """Return the shipped version that the database goes by until one is published."""
    async with engine.connect() as connection:
        named = await first_named(await driver_of(connection))
    return likely if likely.policy.version == named else shipped_as(named)


async def first_named(driver: asyncpg.Connection) -> str:
    """Return the name of that version."""
    return str(await driver.fetchval(sql.FIRST_POLICY))
