"""What a scorer says and does while one position does not let it pass, on a real PostgreSQL."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
from prometheus_client import REGISTRY

from sealwatch.shell.policy_documents import load_version
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.policies import alone
from sealwatch_scorer.run import Runner
from sealwatch_scorer.store import PostgresStore
from sealwatch_scorer.turns import MOST_FRUITLESS
from tests.factories import NOON_MS, description, inspection, received
from tests.integration.scorer.line import CountingStore, until
from tests.integration.scorer.tape import Tape, play, published_on, read_at

TOPIC = "sealwatch.evidence.v1"
SIZE = 512
NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)


@pytest.fixture
async def database(postgres):
    async with published_on(postgres) as (engine, watch):
        yield engine, watch


def lots(count):
    return [received(inspection(event_id=f"lot-{n}"), n, NOON_MS + n) for n in range(count)]


@asynccontextmanager
async def scoring(engine, log):
    stopping = asyncio.Event()
    tape = Endless(log, [9], 10_000, stopping)
    runner = Runner(
        lambda: tape, PostgresStore(engine, TOPIC), alone(load_version()), Memory(9), partial(read_at, log)
    )
    runner.patience_in_trouble = 0.0
    task = asyncio.create_task(runner.run(stopping, lambda: NOW))
    yield runner
    stopping.set()
    await task


class Endless(Tape):
    """A tape that is waited at when it ends."""

    async def poll(self, most, patience):
        self.idle = 0
        await asyncio.sleep(0.001)
        return await super().poll(most, patience)


def fruitless():
    return REGISTRY.get_sample_value("sealwatch_scorer_fruitless_turns")


async def test_a_transaction_that_times_out_again_and_again_is_said_and_makes_no_letter(database):
    engine, watch = database
    await watch.execute(  # what the statement deadline raises, without its ten seconds
        "create function late() returns trigger language plpgsql as "
        "$$begin raise exception using errcode = 'query_canceled'; end$$;"
        "create trigger late before insert on scoring.product_state for each row execute function late()"
    )

    async with scoring(engine, lots(3)) as runner:
        await until(partial(_says, runner, "no progress: partition 0 at offset 0"))
        count = fruitless()
        await watch.execute("drop trigger late on scoring.product_state")
        await until(partial(_says, runner, None))
        after = fruitless()

    assert count >= MOST_FRUITLESS
    assert after == 0
    assert await watch.fetchval("select count(*) from scoring.events") == 3
    assert await watch.fetchval("select count(*) from scoring.dead_letters") == 0


async def _says(runner, words):
    said = await runner.ready()
    return said is None if words is None else words in (said or "")


@pytest.mark.parametrize("bad", [{0}, {300}, {511}, {7, 200, 201}], ids=str)
async def test_few_bad_records_cost_few_transactions(database, bad):
    engine, watch = database
    log = [received(description(f"X{r.offset}", category="la\0bels"), r.offset, r.appended_ms)
           if r.offset in bad else r for r in lots(SIZE)]  # fmt: skip
    store = CountingStore(engine, TOPIC)

    await play(engine, store, log, [SIZE], now=NOW)

    letters = await watch.fetch('select "offset" from scoring.dead_letters')
    assert {offset for (offset,) in letters} == bad
    assert await watch.fetchval("select count(*) from scoring.events") == SIZE - len(bad)
    assert store.begun <= len(bad) * (2 * 9 + 4) + 1
