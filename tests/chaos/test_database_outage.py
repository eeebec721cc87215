"""A database that is stopped, or frozen with its sockets open: scoring waits (docs/promises.md, P7)."""

import asyncio
import os
from pathlib import Path

import pytest

from sealwatch.shell.policies import load_policy
from sealwatch_cli.local.machine import choose_postgres
from sealwatch_cli.local.postgres import Database
from tests.chaos import lots
from tests.chaos.harness import PRODUCT, Harness

POLICY = load_policy(None)
OUTAGE_SECONDS = float(os.environ.get("CHAOS_OUTAGE_SECONDS", "10"))
PROMISED_CPU, BEARABLE_CPU = 0.10, 0.30  # of one core; the second on a machine that others use too
IMPATIENT = {"SEALWATCH_POLL_RECORDS": "100", "SEALWATCH_DATABASE_TIMEOUT_SECONDS": "2"}
ENDLESS = {"SEALWATCH_POLL_RECORDS": "100", "SEALWATCH_DATABASE_TIMEOUT_SECONDS": "600"}
ENDS = {"stopped": (Database.stop, Database.start), "frozen": (Database.freeze, Database.thaw)}
USERS = 4  # of the pool: scoring, the outbox and its bell, the indices; it grows to that and no further
WAITS = '"reason": "waiting: '
TICKS = os.sysconf("SC_CLK_TCK")


@pytest.fixture
def own_database(machine, servers, tmp_path):
    """Yield a server that the test may stop and freeze."""
    database = Database(
        servers[0] / f"postgres-{tmp_path.name}", choose_postgres(machine, None), register=servers[1]
    )
    database.start()
    yield database
    database.thaw()
    database.stop()


@pytest.fixture
async def scorer(own_kafka, own_database, tmp_path):
    """Yield the processes of one test on a broker and a database server of its own."""
    made = Harness(own_kafka, own_database.url, tmp_path)
    await made.prepare()
    yield made
    await made.close()


def cpu_seconds(pid):
    """Return user and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


async def connections(harness):
    return await harness.watch.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() "
        "and application_name = 'sealwatch-scorer'"
    )


async def fewer(harness, before):
    return await connections(harness) <= before


async def working(harness, settings, sent):
    """Start a scorer, give it work, and return how many connections it keeps once it is done."""
    harness.spawn("one", PRODUCT, settings)
    await harness.publisher.publish(sent)
    assert await harness.drained(len(sent))
    return await connections(harness)


async def waited(harness, seconds):
    """Return the share of a core that the scorer takes while it waits, and what it says of its life."""
    await asyncio.sleep(1)  # what was on its way
    used = cpu_seconds(harness.pid())
    await asyncio.sleep(seconds)
    return (cpu_seconds(harness.pid()) - used) / seconds, await harness.asked("livez")


@pytest.mark.parametrize("how", ENDS)
async def test_scoring_waits_for_its_database_and_catches_up_by_itself(scorer, own_database, how):
    away, back = ENDS[how]
    table = lots.counts(4_000)
    sent = lots.records(table)
    before = await working(scorer, IMPATIENT, sent[:2_000])

    await scorer.watch.close()
    await asyncio.to_thread(away, own_database)
    await scorer.publisher.publish(sent[2_000:])
    share, lives = await waited(scorer, OUTAGE_SECONDS)
    noticed = scorer.said("one", WAITS)
    await asyncio.to_thread(back, own_database)
    await scorer.look()
    caught_up = await scorer.drained(len(sent))

    await scorer.until(lambda: fewer(scorer, before), 5.0)  # what the server had not noticed leaving
    after = await connections(scorer)
    print(  # noqa: T201  # the figures of the run
        f"\ndatabase {how} for {OUTAGE_SECONDS:.0f} s: {share:.1%} of a core while waiting (promised "
        f"{PROMISED_CPU:.0%}), said {noticed} times; connections {before} before, {after} after"
    )
    assert noticed > 0
    assert lives == '{"status":"ok"}'
    assert share < BEARABLE_CPU
    assert caught_up
    assert scorer.alive()
    assert await scorer.sums() == lots.expected(table, POLICY)
    assert after <= max(before, USERS)


async def test_control_without_a_deadline_a_frozen_database_is_waited_for_without_end(scorer, own_database):
    """The same freeze with a deadline of ten minutes: no word, ready all the while, and nothing scored."""
    sent = lots.records(lots.counts(2_000))
    await working(scorer, ENDLESS, sent[:1_000])

    await scorer.watch.close()
    await asyncio.to_thread(own_database.freeze)
    await scorer.publisher.publish(sent[1_000:])
    await waited(scorer, OUTAGE_SECONDS)
    noticed = scorer.said("one", WAITS)
    ready = await scorer.asked("readyz")
    await asyncio.to_thread(own_database.thaw)
    await scorer.look()

    assert (noticed, '"scoring"' in ready) == (0, False)
