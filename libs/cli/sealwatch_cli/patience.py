"""A connection of a command to the database, with time for statements that read everything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from sealwatch.shell.db import driver_of, open_engine
from sealwatch.shell.settings import ScorerSettings, load

PATIENCE_SECONDS = 600.0  # a comparison reads every product twice


@asynccontextmanager
async def patient_driver(role: str, application: str) -> AsyncIterator[asyncpg.Connection]:
    """Yield the driver's connection, working as ``role`` and named in the list of sessions."""
    settings = load(ScorerSettings).model_copy(update={"database_timeout_seconds": PATIENCE_SECONDS})
    engine = open_engine(settings, role, application=application)
    try:
        async with engine.connect() as connection:
            yield await driver_of(connection)
    finally:
        await engine.dispose()
