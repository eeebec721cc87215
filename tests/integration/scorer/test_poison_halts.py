"""When the fault is ours, or a producer is newer than we are, nothing is thrown away: the scorer halts."""

import asyncio
import json

import pytest

from sealwatch_cli.local.machine import choose_postgres
from sealwatch_cli.local.postgres import Database
from tests.integration.scorer.rig import Rig, lots, newer, unreadable

LETTERS = 1_000
OUTAGES_ARE_POISON = ("tests.chaos.controls", "outages-are-poison")
IMPATIENT = {"SEALWATCH_DATABASE_TIMEOUT_SECONDS": "1"}
LOCKED_SECONDS = 10.0  # a try and three more of each record, a second each, with time to spare
UNSCORABLE = ("tests.integration.scorer.unscorable",)


async def test_more_than_a_thousand_letters_in_a_minute_halt_and_nothing_more_is_consumed(rig):
    await rig.publisher.publish([unreadable()] * (LETTERS + 500))

    rig.start()

    assert await rig.halts("more than 1,000 dead letters in a minute")
    assert await rig.read() <= LETTERS
    assert await rig.count("outbox") == await rig.read()
    assert "sealwatch_scorer_halted 1.0" in await rig.asked("metrics")
    assert json.loads(await rig.asked("livez"))["status"] == "ok"


async def test_an_unknown_major_version_halts_its_partition_after_what_came_before_it(rig):
    await rig.publisher.publish([*lots(3), newer(), *lots(3, start=3), *lots(5, 1)])

    rig.start()

    assert await rig.halts("unknown_major_version inspection.reported.v2")
    assert await rig.until(lambda: rig.reached(sum(rig.begun.values()) + 3 + 5))
    assert (await rig.read(0), await rig.read(1)) == (3, 5)
    assert await rig.count("events") == 8
    assert await rig.letters() == []


async def test_when_every_record_fails_and_the_shipped_example_too_nothing_is_consumed(rig):
    await rig.publisher.publish(lots(5))

    rig.spawn("one", UNSCORABLE, {})

    assert await rig.halts("every record fails, also the shipped example")
    assert await rig.read() == 0
    assert await rig.count("outbox") == 0


@pytest.fixture
async def own_database(evidence_kafka, machine, servers, tmp_path):
    """Yield a server of its own, with a scorer's surroundings on it."""
    database = Database(servers[0] / "postgres-outage", choose_postgres(machine, None), register=servers[1])
    await asyncio.to_thread(database.start)
    rig = Rig(evidence_kafka, database.url, tmp_path)
    await rig.begin()
    yield database, rig
    await rig.close()
    await asyncio.to_thread(database.stop)


async def test_a_database_outage_makes_no_letters_and_scoring_resumes_by_itself(own_database):
    database, rig = own_database
    rig.start()
    await rig.publisher.publish(lots(500))
    assert await rig.until(lambda: rig.reached(sum(rig.begun.values()) + 100))
    await asyncio.to_thread(database.kill)
    await rig.publisher.publish(lots(500, start=500))

    async def waits():
        return "waiting" in await rig.not_ready()

    waited = await rig.until(waits, 10.0)
    await asyncio.sleep(3)  # an outage of some seconds, with many tries in it
    lived = await rig.asked("livez")
    await asyncio.to_thread(database.start)
    await rig.watch.close()
    await rig.look()

    assert await rig.until(rig.caught_up)
    assert (waited, lived, rig.alive()) == (True, '{"status":"ok"}', True)
    assert await rig.count("events") == 1_000
    assert await rig.letters() == []


async def through_a_lock(rig, module):
    """Let a scorer meet a table that nobody can read for seconds; return why it was not ready meanwhile."""
    rig.spawn("one", module, IMPATIENT)
    await rig.publisher.publish(lots(1))
    assert await rig.until(lambda: rig.reached(sum(rig.begun.values()) + 1))
    async with rig.watch.transaction():
        await rig.watch.execute("lock table scoring.product_state in access exclusive mode")
        await rig.publisher.publish(lots(2, 1))
        await asyncio.sleep(LOCKED_SECONDS)
        why = await rig.not_ready()
    assert await rig.until(rig.caught_up)
    return why


async def test_states_that_nobody_can_read_for_a_while_make_no_letters(rig):
    why = await through_a_lock(rig, ("sealwatch_scorer",))

    assert "waiting: TimeoutError" in why
    assert (await rig.count("events"), await rig.letters()) == (3, [])


async def test_control_a_scorer_that_blames_the_records_makes_letters_of_an_outage(rig):
    """The same lock, and a catch-all: what waited for the database is given up as if it were bad."""
    await through_a_lock(rig, OUTAGES_ARE_POISON)

    letters = await rig.letters()
    assert {said["error_class"] for said, _ in letters} == {"handler_error"}
    assert await rig.count("events") == 3 - len(letters) < 3
