"""PostgreSQL: pools that work under one role, with a deadline on every statement."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine import URL, AdaptedConnection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
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
FAILED = (DBAPIError, asyncpg.PostgresError, *TRANSIENT)
"""Whatever a statement may fail with, by way of the toolkit or of the driver."""
SINGLE: Mapping[str, Any] = {"isolation_level": "AUTOCOMMIT"}  # as the toolkit calls it
UNAWAITED = "set_config('synchronous_commit', 'off', true)"
"""In a statement, has its commit not wait for the disk. Only for marks of what is being done, or was done:
one that a crash of the database takes back has it done again, as a crash a moment earlier would.
"""
BEGUN = text("select")  # the toolkit begins a transaction with its first statement
_NAMED = re.compile(r"(?<!:):([a-z_]+)")


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
    event.listen(engine.sync_engine, "checkout", _replace_if_closed)
    return engine


def _replace_if_closed(adapted: Any, *_: object) -> None:  # noqa: ANN401  # the toolkit's adapter has no public type
    """Have the pool open another connection where the server ended this one.

    The driver knows; asking the server was three round trips for each time a connection was lent.
    """
    if adapted.driver_connection.is_closed():
        raise DisconnectionError


def _quicken(connection: AdaptedConnection, _: object) -> None:
    """Let instants be written by ``_written``: the driver's own way is four times as slow (measured)."""
    connection.run_async(
        lambda driver: driver.set_type_codec(
            "timestamptz", schema="pg_catalog", encoder=_written, decoder=_read, format="tuple"
        )
    )


def _written(instant: datetime) -> tuple[int]:
    """Return microseconds since PostgreSQL's epoch; TypeError for an instant without its offset.

    Only instants in UTC are looked up: the hour that a local zone repeats is twice the same key.
    """
    return _looked_up(instant) if instant.tzinfo is UTC else _microseconds(instant)


def _microseconds(instant: datetime) -> tuple[int]:
    return ((instant - _EPOCH) // _MICROSECOND,)


_looked_up = lru_cache(maxsize=4096)(_microseconds)  # rows of one transaction share instants


def _read(microseconds: tuple[int]) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds[0])


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """Return the driver's own connection, for arrays and COPY on the hot path."""
    raw = await connection.get_raw_connection()
    return cast("asyncpg.Connection", raw.driver_connection)


@asynccontextmanager
async def begun(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Begin a transaction that the driver keeps: commit on a clean exit, roll back on an exception.

    The toolkit, told to leave transactions alone, works within it like the driver.
    """
    async with single(engine) as connection, (await driver_of(connection)).transaction():
        yield connection


@asynccontextmanager
async def single(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Lend a connection on which every statement is a transaction of its own."""
    async with engine.connect() as connection:
        yield await connection.execution_options(**SINGLE)


class Row(asyncpg.Record):
    """A row whose columns are also attributes."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # as wide as the database
        """Return a column."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Statement:
    """SQL with named values, made for the driver once: by way of the toolkit it costs three times as much."""

    def __init__(self, sql: str) -> None:
        """Keep it with its values numbered."""
        self._template = sql
        self._names = list(dict.fromkeys(_NAMED.findall(sql)))
        self._sql = self.numbered(1)

    def numbered(self, first: int) -> str:
        """Return it for the driver, its values numbered from this one on."""
        return _NAMED.sub(lambda found: f"${self._names.index(found[1]) + first}", self._template)

    @property
    def width(self) -> int:
        """Return how many values it takes."""
        return len(self._names)

    def values(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of their numbers."""
        return [values[name] for name in self._names]

    async def __call__(self, connection: AsyncConnection, values: Mapping[str, Any]) -> Sequence[Row]:
        """Run it within the connection's transaction, which begins with it if need be, or by itself."""
        return await _run(connection, self._sql, self.values(values))


async def together(connection: AsyncConnection, parts: Sequence[tuple[Statement, Mapping[str, Any]]]) -> None:
    """Run statements that write in one round trip; none may count on what another of them wrote."""
    if parts:
        values = [value for statement, named in parts for value in statement.values(named)]
        await _run(connection, _joined(tuple(statement for statement, _ in parts)), values)


@lru_cache
def _joined(statements: tuple[Statement, ...]) -> str:
    steps, first = [], 1
    for number, statement in enumerate(statements):
        steps.append(f"step{number} as ({statement.numbered(first)})")
        first += statement.width
    return f"with {', '.join(steps)} select"


async def _run(connection: AsyncConnection, sql: str, values: Sequence[Any]) -> Sequence[Row]:
    driver = await driver_of(connection)
    if not driver.is_in_transaction() and not _is_single(connection):
        await connection.execute(BEGUN)
    return cast("Sequence[Row]", await driver.fetch(sql, *values, record_class=Row))


def _is_single(connection: AsyncConnection) -> bool:
    options = connection.sync_connection.get_execution_options() if connection.sync_connection else {}
    return SINGLE.items() <= options.items()
