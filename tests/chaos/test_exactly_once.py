"""20,000 real lots, 10 % sent twice, a scorer killed again and again: every bit must be right.

``CHAOS_KILLS=100`` makes the long form; the run prints what it did.
"""

import itertools
import os
import signal

import pytest

from sealwatch.shell.policies import load_policy
from tests.chaos import lots
from tests.chaos.harness import POINTS, Harness

POLICY = load_policy(None)
KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
CONTROL_KILLS = 3


@pytest.fixture
async def harness(own_kafka, postgres, tmp_path, request):
    made = Harness(own_kafka, postgres.fresh(), tmp_path, getattr(request, "param", ("sealwatch_scorer",)))
    await made.prepare()
    yield made
    await made.close()


def with_repeats(records):
    return [*records, *records[::10]]


async def run(harness, kills, wanted=20_000):
    table = lots.counts(wanted)
    sent = with_repeats(lots.records(table))
    chunks = [sent[n::kills] for n in range(kills)]
    harness.start()
    for chunk, point in zip(chunks, itertools.cycle([*POINTS, "at random"]), strict=False):
        if point == "at random":
            await harness.kill_at_random(chunk)
        else:
            await harness.kill_at(point, chunk)
    assert await harness.drained(len(sent))
    print(f"{len(sent)} records, {len(harness.kills)} kills: {harness.kills}")  # noqa: T201  # the figures of the run
    return lots.expected(table, POLICY)


async def test_every_sum_is_right_to_the_bit_however_often_the_scorer_is_killed(harness):
    expected = await run(harness, KILLS)

    assert await harness.sums() == expected
    assert sum("nothing waited" in kill for kill in harness.kills) <= KILLS // 4


@pytest.mark.parametrize("harness", [("tests.chaos.controls", "two-transactions")], indirect=True)
async def test_control_positions_in_a_second_transaction_lose_events(harness):
    expected = await run(harness, CONTROL_KILLS, wanted=2_000)

    assert await harness.sums() != expected


@pytest.mark.parametrize("harness", [("tests.chaos.controls", "without-deduplication")], indirect=True)
async def test_control_no_deduplication_counts_twice(harness):
    expected = await run(harness, CONTROL_KILLS, wanted=2_000)

    assert await harness.sums() != expected


async def test_a_scorer_that_was_frozen_past_its_session_corrupts_nothing_when_it_wakes(harness):
    table = lots.counts(6_000)
    sent = with_repeats(lots.records(table))
    harness.start("one")
    harness.start("two")
    await harness.publisher.publish(sent[:2_000])
    await harness.until(lambda: harness.reached(200))
    harness.signal(signal.SIGSTOP, "one")
    await harness.publisher.publish(sent[2_000:4_000])
    survived = await harness.until(lambda: harness.reached(4_000), 40.0)
    harness.signal(signal.SIGCONT, "one")
    await harness.publisher.publish(sent[4_000:])

    assert await harness.drained(len(sent))

    assert survived
    assert await harness.sums() == lots.expected(table, POLICY)


async def test_two_scorers_share_the_partitions_and_one_goes_on_when_the_other_is_killed(harness):
    table = lots.counts(4_000)
    sent = with_repeats(lots.records(table))
    harness.start("one")
    harness.start("two")
    await harness.publisher.publish(sent[:2_000])
    await harness.until(lambda: harness.reached(500))
    harness.kill("one")
    await harness.publisher.publish(sent[2_000:])

    assert await harness.drained(len(sent))

    assert await harness.sums() == lots.expected(table, POLICY)
