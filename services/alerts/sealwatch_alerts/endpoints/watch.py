"""The loop that counts how long endpoints fail, and switches off those that only failed for 120 hours."""

import asyncio
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import ENDPOINTS, ENDPOINTS_DISABLED
from sealwatch.shell.serve import take_turns
from sealwatch_alerts.endpoints import store
from sealwatch_alerts.endpoints.health import LIMIT, counted, is_over
from sealwatch_alerts.store import switch_off

LOOK_SECONDS = 60.0
REASON = f"every attempt failed for {LIMIT.days * 24} hours"


async def watch(engine: AsyncEngine, stopping: asyncio.Event, clock: Clock) -> None:
    """Look once a minute until asked to stop; without the database it waits for the next minute."""

    async def turn() -> None:
        async with engine.begin() as connection:
            await look(connection, clock())

    await take_turns(turn, LOOK_SECONDS, stopping, (DBAPIError, *TRANSIENT))


async def look(connection: AsyncConnection, now: datetime) -> set[bytes]:
    """Move the clocks on, and return the endpoints that were switched off now."""
    standing = await store.standings(connection)
    failing = counted(standing, now)
    await store.write_counted(connection, failing, now)
    over = [(one.subscription_id, REASON) for one in failing if is_over(one, now)]
    gone = await switch_off(connection, over, now) if over else set()
    for one in gone:
        ENDPOINTS_DISABLED.labels("failing").inc()
        logger().warning("endpoint switched off", subscription=one.hex(), reason=REASON)
    ENDPOINTS.labels("failing").set(len(failing) - len(gone))
    ENDPOINTS.labels("healthy").set(len(standing) - len(failing))
    ENDPOINTS.labels("disabled").set(await store.disabled(connection))
    return gone
