"""Migrations on a real database: every file once, none forgotten, none changed behind our back."""

import asyncio
import shutil
from datetime import date

import asyncpg
import pytest

from sealwatch.errors import Misconfigured
from sealwatch.shell.migrate import FOLDER, migrate, scripts

TODAY = date(2026, 3, 1)
ALL = list(scripts())
BEFORE = [name for name in ALL if name <= "0010_quarantine_key"]
SHAPE = """
select 'column', table_schema || '.' || table_name, column_name, data_type || is_nullable
from information_schema.columns where table_schema in ('registry', 'scoring', 'alerting')
union all
select 'grant', table_schema || '.' || table_name, grantee, privilege_type
from information_schema.role_table_grants where table_schema in ('registry', 'scoring', 'alerting')
union all
select 'index', schemaname || '.' || tablename, indexname, indexdef
from pg_indexes where schemaname in ('registry', 'scoring', 'alerting')
"""
TO_BEFORE_THE_LEDGER = "drop table public.applied_migrations"


def until_the_ledger(folder):
    """Copy the migrations of before the ledger, which later ones build on, into a folder."""
    folder.mkdir()
    for name in BEFORE:
        shutil.copy(FOLDER / f"{name}.sql", folder)
    return folder


@pytest.fixture
def folder(tmp_path):
    """Yield a copy of some migrations, to change."""
    return until_the_ledger(tmp_path / "migrations")


@pytest.fixture
async def url(postgres):
    return postgres.fresh()


async def fetch(url, statement):
    link = await asyncpg.connect(url)
    try:
        return await link.fetch(statement)
    finally:
        await link.close()


async def stamp(url):
    return [row["version_num"] for row in await fetch(url, "select version_num from alembic_version")]


async def shape(url):
    return sorted(map(tuple, await fetch(url, SHAPE)))


def taken_out(folder, name):
    """Take a migration out of a folder and return what puts it back."""
    path = folder / f"{name}.sql"
    text = path.read_text()
    path.unlink()
    return lambda: path.write_text(text)


async def test_every_file_is_applied_once_and_recorded(url):
    first, second = await migrate(url, TODAY), await migrate(url, TODAY)

    recorded = await fetch(url, "select revision from public.applied_migrations order by 1")
    assert (first, second) == (ALL, [])
    assert [row["revision"] for row in recorded] == ALL


async def test_a_file_that_came_later_under_an_earlier_number_is_refused_and_named(url, folder):
    put_back = taken_out(folder, "0009_bells")
    await migrate(url, TODAY, folder)
    put_back()

    with pytest.raises(Misconfigured, match=r"never applied here, though 0010\S+ was: 0009_bells;"):
        await migrate(url, TODAY, folder)

    assert await fetch(url, "select from pg_proc where proname = 'ring'") == []


async def test_it_is_applied_when_that_is_asked_for(url, folder, postgres, tmp_path):
    put_back = taken_out(folder, "0009_bells")
    await migrate(url, TODAY, folder)
    put_back()

    applied = await migrate(url, TODAY, folder, late=True)

    whole = postgres.fresh()
    await migrate(whole, TODAY, until_the_ledger(tmp_path / "whole"))
    assert (applied, await stamp(url)) == (["0009_bells"], [BEFORE[-1]])
    assert await shape(url) == await shape(whole)


@pytest.mark.parametrize("name", ["0005_stale", "0006_device_indicators", "0007_explanations", "0009_bells"])
async def test_a_database_of_before_the_ledger_says_what_its_stamp_hid(url, folder, name):
    put_back = taken_out(folder, name)
    await migrate(url, TODAY, folder)
    await fetch(url, TO_BEFORE_THE_LEDGER)
    put_back()

    with pytest.raises(Misconfigured, match=f"never applied here, though .* was: {name};"):
        await migrate(url, TODAY, folder)


async def test_a_database_of_before_the_ledger_that_lacks_nothing_goes_on(url, folder):
    await migrate(url, TODAY, folder)
    await fetch(url, TO_BEFORE_THE_LEDGER)

    assert await migrate(url, TODAY) == ALL[len(BEFORE) :]
    assert len(await fetch(url, "select from public.applied_migrations")) == len(ALL)


async def test_an_applied_file_that_was_changed_is_refused_and_nothing_is_done(url, folder):
    await migrate(url, TODAY, folder)
    (folder / "0005_stale.sql").write_text("select 1;")
    (folder / "9999_new.sql").write_text("create table scoring.new (n int);")

    with pytest.raises(Misconfigured, match=r"changed after they were applied here: 0005_stale;"):
        await migrate(url, TODAY, folder)

    assert (await fetch(url, "select to_regclass('scoring.new') as new"))[0]["new"] is None


async def test_a_file_that_fails_leaves_nothing_and_can_be_mended(url, folder):
    path = folder / "9999_new.sql"
    path.write_text("create table scoring.new (n int); select 1 / 0;")
    with pytest.raises(Exception, match="division by zero"):
        await migrate(url, TODAY, folder)
    path.write_text("create table scoring.new (n int);")

    assert await migrate(url, TODAY, folder) == ["9999_new"]


async def test_an_older_release_leaves_what_a_newer_one_applied(url, folder):
    await migrate(url, TODAY)

    assert await migrate(url, TODAY, folder) == []
    assert await stamp(url) == [ALL[-1]]


async def test_several_at_once_apply_every_file_once(url):
    answers = await asyncio.gather(*(migrate(url, TODAY) for _ in range(5)))

    assert sorted(answers) == [[], [], [], [], ALL]
