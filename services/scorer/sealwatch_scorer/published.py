"""The published policies, read through the view that the registry grants to the scorer."""

from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.shell.db import driver_of
from sealwatch_scorer import sql
from sealwatch_scorer.policies import Published


async def published(engine: AsyncEngine) -> list[Published]:
    """Return every published version in the order of publishing."""
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        return [Published(*row) for row in await driver.fetch(sql.PUBLISHED_POLICIES)]
