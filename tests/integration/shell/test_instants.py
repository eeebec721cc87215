"""Instants in our own quick way of writing them are what the driver and the server make of them."""

from datetime import UTC, datetime, timedelta, timezone

import asyncpg
import pytest

from sealwatch.shell.db import driver_of, open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.settings import ScorerSettings

LAST_MICROSECOND = datetime(2026, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC)
INSTANTS = (
    LAST_MICROSECOND,
    LAST_MICROSECOND.astimezone(timezone(timedelta(hours=8))),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)


@pytest.fixture
async def url(postgres):
    """Return the address of a database with our roles in it."""
    url = postgres.fresh()
    await migrate(url, LAST_MICROSECOND.date())
    return url


@pytest.fixture
async def engine(url):
    """Yield a pool as services open it."""
    settings = ScorerSettings(database_url=url)
    engine = open_engine(settings, "sealwatch_scorer", application="sealwatch-test")
    yield engine
    await engine.dispose()


async def test_instants_are_read_as_they_were_written(engine):
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        found = await driver.fetch("select at from unnest($1::timestamptz[]) at", INSTANTS)

    assert [row["at"] for row in found] == list(INSTANTS)


async def test_the_server_says_of_an_instant_what_the_driver_made_of_it(engine, url):
    as_text = "select extract(epoch from at)::text from unnest($1::timestamptz[]) at"
    watch = await asyncpg.connect(url)

    async with engine.connect() as connection:
        ours = await (await driver_of(connection)).fetch(as_text, INSTANTS[:4])
    theirs = await watch.fetch(as_text, INSTANTS[:4])
    await watch.close()

    assert ours == theirs


async def test_an_instant_without_its_offset_is_refused(engine):
    naive = LAST_MICROSECOND.replace(tzinfo=None)

    async with engine.connect() as connection:
        driver = await driver_of(connection)
        with pytest.raises(asyncpg.DataError, match="naive"):
            await driver.fetchval("select $1::timestamptz", naive)
