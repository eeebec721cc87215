"""Whose rows a transaction sees; the database holds the same line with row-level security."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

ANY_ORGANISATION = "*"  # for the look-up of a key only: no organisation is known before it


async def work_as(connection: AsyncConnection, organisation: str) -> None:
    """Name the organisation for the rest of this transaction."""
    await connection.execute(
        text("select set_config('sealwatch.organisation', :organisation, true)"),
        {"organisation": organisation},
    )


async def is_reachable(connection: AsyncConnection) -> bool:
    """Return whether the database answers."""
    return bool(await connection.scalar(text("select true")))
