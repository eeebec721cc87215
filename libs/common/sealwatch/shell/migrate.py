"""Migrations: plain SQL files, in order, once each, recorded with their checksums in a ledger.

A file ``NNNN_noun.sql`` is one revision; one that was added later under an earlier number is refused, or
applied when that is asked for. The newest name is stamped as Alembic stamps it, which releases of before
the ledger go by. Roles and the partitions of the coming months are made beside them, since both must
exist whenever the command runs, not only the first time.
"""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from sealwatch.shell.db import address, driver_of
from sealwatch.shell.ledger import opened, pending, record

FOLDER = Path(__file__).with_name("migrations")
ROLES = ("sealwatch_api", "sealwatch_scorer", "sealwatch_alerts")
SEEN_PARTS = 8  # smaller indexes stay in memory and vacuum alone; costs 5 %, measured
MONTHS_AHEAD = 12
ADVISORY_LOCK = 0x5EA1  # two migrations at a time wait for each other; any fixed number does


def scripts(folder: Path = FOLDER) -> dict[str, str]:
    """Return the SQL of each migration by its name, in order."""
    return {path.stem: path.read_text() for path in sorted(folder.glob("[0-9]*.sql"))}


async def migrate(database_url: str, today: date, folder: Path = FOLDER, *, late: bool = False) -> list[str]:
    """Bring the database up to the newest revision and return the revisions that were applied.

    Raise Misconfigured, and apply nothing, where an applied file is no longer what it was, and, unless
    ``late``, where a file was passed over.
    """
    engine = create_async_engine(address(database_url))
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:n)"), {"n": ADVISORY_LOCK})
            await connection.commit()
            await _make_roles(connection)
            applied = await _catch_up(connection, scripts(folder), late=late)
            await _make_parts(connection, today)
            return applied
    finally:
        await engine.dispose()


async def current(connection: AsyncConnection) -> str | None:
    """Return the newest revision that the database has."""
    return await connection.run_sync(lambda sync: _context(sync).get_current_revision())


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection)


async def _catch_up(connection: AsyncConnection, shipped: Mapping[str, str], *, late: bool) -> list[str]:
    async with connection.begin():
        recorded = await opened(connection, shipped, await current(connection))
        names = pending(shipped, recorded, late=late)
    for name in names:
        await _apply(connection, name, shipped[name])
    return names


async def _apply(connection: AsyncConnection, name: str, sql: str) -> None:
    """Apply one file in one transaction."""
    async with connection.begin():
        await _script(connection, sql)
        await record(connection, name, sql)
        newest = max(name, await current(connection) or name)
        await connection.run_sync(_stamp, newest)


def _stamp(connection: Connection, revision: str) -> None:
    context = _context(connection)
    context._ensure_version_table()  # noqa: SLF001  # stamp() wants a script folder of Python files
    connection.execute(text("delete from alembic_version"))
    connection.execute(text("insert into alembic_version values (:r)"), {"r": revision})


async def _script(connection: AsyncConnection, sql: str) -> None:
    """Run many statements at once; the first one opens the transaction they belong to."""
    await connection.execute(text("select 1"))
    driver = await driver_of(connection)
    await driver.execute(sql)


async def _make_roles(connection: AsyncConnection) -> None:
    """Make the roles of the services and let the login user act as them."""
    async with connection.begin():
        for role in ROLES:
            known = await connection.scalar(
                text("select 1 from pg_roles where rolname = :role"), {"role": role}
            )
            if not known:
                await connection.execute(text(f"create role {role} nologin"))
            await connection.execute(text(f"grant {role} to current_user"))


async def _make_parts(connection: AsyncConnection, today: date) -> None:
    async with connection.begin():
        for part in range(SEEN_PARTS):
            await connection.execute(
                text(
                    f"create table if not exists scoring.seen_{part} partition of scoring.seen "
                    f"for values with (modulus {SEEN_PARTS}, remainder {part})"
                )
            )
        for first, following in months(today, MONTHS_AHEAD):
            await connection.execute(
                text(
                    f"create table if not exists scoring.events_{first:%Y_%m} "
                    f"partition of scoring.events for values from ('{first}') to ('{following}')"
                )
            )


def months(today: date, ahead: int) -> list[tuple[date, date]]:
    """Return the first days of this month and of the ``ahead`` next ones, each with its end."""
    numbers = [today.year * 12 + today.month - 1 + n for n in range(ahead + 2)]
    firsts = [date(number // 12, number % 12 + 1, 1) for number in numbers]
    return list(pairwise(firsts))
