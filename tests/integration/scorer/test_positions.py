"""After a topic was made anew the scorer halts; `sealwatch positions` says why and lets it go on."""

import asyncio
import os
import subprocess
import sys

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.shell.kafka import Cluster
from sealwatch.shell.kafka.bounds import bounds_of
from sealwatch.shell.kafka.clusters import Plan
from tests.integration.scorer.rig import PARTITIONS, Rig, lots


@pytest.fixture(scope="module")
async def quiet_rig(evidence_kafka, postgres, tmp_path_factory):
    """Yield surroundings in which no scorer ever ran, for all tests that must change nothing."""
    made = Rig(evidence_kafka, postgres.fresh(), tmp_path_factory.mktemp("quiet"))
    await made.begin()
    yield made
    await made.close()


async def standing(rig):
    return await rig.watch.fetch("select * from scoring.positions order by partition")


async def positions(rig, *words):
    """Run the command as an operator does; return its exit code and everything it said."""
    environment = {
        "PATH": os.environ["PATH"],
        "COLUMNS": "200",
        "SEALWATCH_DATABASE_URL": rig.url,
        "SEALWATCH_KAFKA_BOOTSTRAP": rig.bootstrap,
    }
    command = [sys.executable, "-m", "sealwatch_cli.main", "positions", *words]
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


async def recreate(rig):
    """Delete the evidence topic and make it again, empty."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.bootstrap)
    await admin.start()
    await admin.delete_topics([EVIDENCE.name])

    async def gone():
        return EVIDENCE.name not in await admin.list_topics()

    assert await rig.until(gone)
    await admin.close()
    await Cluster(rig.bootstrap).apply(Plan.of("local", partitions=PARTITIONS))


async def scored(rig, count):
    await rig.publisher.publish(lots(count))
    rig.start()
    assert await rig.until(rig.caught_up)
    rig.kill()


async def test_after_the_topic_was_made_anew_a_reset_lets_scoring_go_on_and_counts_nothing_twice(rig):
    await scored(rig, 20)
    before = await rig.sums()
    await recreate(rig)
    rig.start()
    assert await rig.halts("topic_recreated")
    beside_a_scorer = await positions(rig, "reset", "--all", "--to", "earliest", "--yes")
    rig.kill()
    assert await rig.until(rig.unwatched)

    halted = await positions(rig, "show")
    done = await positions(rig, "reset", "--all", "--to", "earliest", "--yes")
    healthy = await positions(rig, "show")
    await rig.publisher.publish(lots(20))
    await rig.publisher.publish(lots(5, start=20))
    rig.start()

    assert await rig.until(rig.caught_up)
    assert (beside_a_scorer[0], "stop all of its processes first" in beside_a_scorer[1]) == (1, True)
    assert (halted[0], halted[1].count("HALT topic_recreated") > 0) == (0, True)
    assert (done[0], done[1].count('"event": "position reset"')) == (0, PARTITIONS)
    assert (healthy[0], "HALT" in healthy[1]) == (0, False)
    assert await rig.count("events") == 25
    assert await rig.count("quarantine") == 0
    assert {p: trials * 20 for p, (_, trials) in (await rig.sums()).items()} == {
        p: trials * 25 for p, (_, trials) in before.items()
    }


@pytest.mark.parametrize("sent", [0, 1_000], ids=["shorter", "longer"])
async def test_a_running_scorer_halts_when_its_topic_is_made_anew(rig, sent):
    await rig.publisher.publish(lots(20))
    rig.start()
    assert await rig.until(rig.caught_up)

    await recreate(rig)
    await rig.publisher.publish(lots(sent, start=100))

    assert await rig.halts("topic_recreated")
    assert await rig.count("events") == 20


async def test_another_record_at_the_known_place_is_shown_and_halts(rig):
    await scored(rig, 3)
    await recreate(rig)
    await rig.publisher.publish(lots(rig.begun[0] + 100, start=100))

    shown = await positions(rig, "show")
    rig.start()

    assert "another record stands there" in shown[1]
    assert await rig.halts("another record stands there")


async def test_a_replay_from_the_earliest_offset_leaves_the_sums_alone(rig):
    await scored(rig, 20)
    before = await rig.sums()
    assert await rig.until(rig.unwatched)
    start = str((await bounds_of(rig.bootstrap, EVIDENCE.name))[0].end - 10)

    code, said = await positions(rig, "reset", "--partition", "0", "--to", start, "--yes")
    rig.start()

    assert code == 0
    assert start in said
    assert await rig.until(rig.caught_up)
    assert await rig.sums() == before


async def test_without_yes_nothing_is_changed(quiet_rig):
    at = await standing(quiet_rig)

    code, said = await positions(quiet_rig, "reset", "--all", "--to", "earliest")

    assert (code, "add --yes" in said) == (1, True)
    assert await standing(quiet_rig) == at


@pytest.mark.parametrize(
    "words",
    [
        ("--to", "earliest"),
        ("--all", "--partition", "0", "--to", "latest"),
        ("--all", "--to", "yesterday"),
        ("--all", "--to", "-1"),
        ("--partition", "99", "--to", "latest"),
        ("--partition", "0", "--to", "999999999"),
        ("--all",),
    ],
    ids=" ".join,
)
async def test_what_cannot_be_meant_is_refused_with_code_2(quiet_rig, words):
    at = await standing(quiet_rig)

    code, _ = await positions(quiet_rig, "reset", *words, "--yes")

    assert code == 2
    assert await standing(quiet_rig) == at
