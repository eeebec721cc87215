"""Connections and statements by way of the driver, on a real PostgreSQL."""

import asyncio

import asyncpg
import pytest

from sealwatch.shell.db import UNAWAITED, Statement, begun, open_engine, single, together
from sealwatch.shell.settings import DatabaseSettings

ADD = Statement("insert into kept (id, word) select cast(:id as int), cast(:word as text)")
ENDED = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kept'"
NOW = "select current_setting('synchronous_commit') as now"
ALL = Statement("select id, word from kept where word like :like order by id")


class Bench:
    """A pool of one connection, and somebody who watches."""

    def __init__(self, engine, watch):
        self.engine, self.watch = engine, watch

    async def kept(self):
        return [tuple(row) for row in await self.watch.fetch("select id, word from kept order by id")]


@pytest.fixture
async def bench(postgres):
    url = postgres.fresh()
    watch = await asyncpg.connect(url)
    await watch.execute(
        "create role keeper; grant keeper to current_user; create table kept (id int, word text)"
    )
    await watch.execute("grant select, insert on kept to keeper")
    engine = open_engine(DatabaseSettings(database_url=url, database_pool=1), "keeper", application="kept")
    yield Bench(engine, watch)
    await engine.dispose()
    await watch.execute("drop owned by keeper; drop role keeper")
    await watch.close()


async def test_a_connection_that_the_server_ended_is_replaced_before_it_is_lent(bench):
    async with single(bench.engine) as connection:
        await ALL(connection, {"like": "%"})

    await bench.watch.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'kept'"
    )
    await asyncio.sleep(0.2)
    async with single(bench.engine) as connection:
        found = await ALL(connection, {"like": "%"})

    assert list(found) == []


async def added_and_broken(lent):
    async with lent as connection:
        await ADD(connection, {"id": 1, "word": "one"})
        raise LookupError


async def test_an_exception_takes_everything_of_a_transaction_back(bench):
    with pytest.raises(LookupError):
        await added_and_broken(begun(bench.engine))

    assert await bench.kept() == []


async def test_a_statement_begins_the_transaction_of_the_toolkit(bench):
    with pytest.raises(LookupError):
        await added_and_broken(bench.engine.begin())

    assert await bench.kept() == []


async def test_each_statement_alone_stays_whatever_comes_after(bench):
    with pytest.raises(LookupError):
        await added_and_broken(single(bench.engine))

    assert await bench.kept() == [(1, "one")]


async def test_statements_together_keep_their_values_apart(bench):
    async with begun(bench.engine) as connection:
        await together(connection, [(ADD, {"id": 1, "word": "one"}), (ADD, {"id": 2, "word": "two"})])
        [row] = await ALL(connection, {"like": "t%"})

    assert (row.id, row.word) == (2, "two")
    assert await bench.kept() == [(1, "one"), (2, "two")]


async def test_a_row_has_no_column_that_was_not_asked_for(bench):
    async with begun(bench.engine) as connection:
        [row] = await Statement("select cast(:word as text) as word")(connection, {"word": "one"})

    assert not hasattr(row, "other")


async def test_a_mark_is_not_waited_for_and_what_comes_after_is(bench):
    asked = Statement(f"with unawaited as materialized (select {UNAWAITED}) {NOW} from unawaited")  # noqa: S608  # our own words

    async with single(bench.engine) as connection:
        [marked] = await asked(connection, {})
        [after] = await Statement(NOW)(connection, {})

    assert (marked.now, after.now) == ("off", "on")
