"""PostgreSQL: pools that work under one role, with a deadline on every statement."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import cast

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, AdaptedConnection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from sealwatch.errors import Misconfigured
from sealwatch.shell.settings import DatabaseSettings

CONNECT_SECONDS = 5.0
LOCK_TIMEOUT = "5s"
ABANDONED = "10s"  # a frozen process must not hold the locks of its partitions for longer; ours
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the driver's own word when a connection dies between two statements
    asyncpg.InvalidTransactionStateError,  # ended as abandoned after a freeze; a standby not promoted yet
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    OSError,
    TimeoutError,
)
"""What passes by itself: wait and try again, never a dead letter."""


def address(database_url: str) -> URL:
    """Return the address for our driver, whatever driver the text names, or raise Misconfigured."""
    try:
        url = make_url(database_url)
    except (ArgumentError, ValueError):  # ValueError: its port is no number; neither may show a password
        raise Misconfigured("SEALWATCH_DATABASE_URL is no postgresql://user:password@host/name") from None
    return url.set(drivername="postgresql+asyncpg")


def open_engine(settings: DatabaseSettings, role: str, *, application: str) -> AsyncEngine:
    """Return a pool whose connections work as ``role``; the login user must be a member of it."""
    engine = create_async_engine(
        address(settings.database_url.get_secret_value()),
        pool_size=settings.database_pool,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=settings.database_timeout_seconds,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": settings.database_timeout_seconds,
            "server_settings": {
                "application_name": application,
                "role": role,
                "timezone": "UTC",
                "lock_timeout": LOCK_TIMEOUT,
                "idle_in_transaction_session_timeout": ABANDONED,
            },
        },
    )
    event.listen(engine.sync_engine, "connect", _quicken)
    return engine


def _quicken(connection: AdaptedConnection, _: object) -> None:
    """Let instants be written by ``_written``: the driver's own way is four times as slow (measured)."""
    connection.run_async(
        lambda driver: driver.set_type_codec(
            "timestamptz", schema="pg_catalog", encoder=_written, decoder=_read, format="tuple"
        )
    )


@lru_cache(maxsize=4096)  # rows of one transaction share instants
def _written(instant: datetime) -> tuple[int]:
    """Return microseconds since PostgreSQL's epoch; TypeError for an instant without its offset."""
    return ((instant - _EPOCH) // _MICROSECOND,)


def _read(microseconds: tuple[int]) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds[0])


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """Return the driver's own connection, for arrays and COPY on the hot path."""
    raw = await connection.get_raw_connection()
    return cast("asyncpg.Connection", raw.driver_connection)
