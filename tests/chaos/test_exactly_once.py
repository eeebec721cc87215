"""20,000 real lots, 10 % sent twice, a scorer killed again and again: every bit must be right.

``CHAOS_KILLS=100`` makes the long form; the run prints what it did.
"""

import itertools
import os

import pytest

from sealwatch.shell.policies import load_policy
from tests.chaos import lots
from tests.chaos.harness import DIMENSIONS
from tests.chaos.points import SCORER_POINTS

POLICY = load_policy(None)
KILLS = int(os.environ.get("CHAOS_KILLS", "20"))
CONTROL_KILLS = 3
CONTROL_POINTS = ("after poll", "before commit", "between relay and its mark")


def with_repeats(records):
    return [*records, *records[::10]]


async def run(harness, kills, points, wanted=20_000):
    table = lots.counts(wanted)
    sent = with_repeats(lots.records(table))
    chunks = [[*sent[n::kills], *lots.descriptions(table, n + 1)] for n in range(kills)]
    harness.start()
    for chunk, point in zip(chunks, itertools.cycle(points), strict=False):
        if point == "at random":
            await harness.kill_at_random(chunk)
        else:
            await harness.kill_at(point, chunk)
    total = sum(len(chunk) for chunk in chunks)
    assert await harness.drained(total)
    print(f"\n{total} records, {len(harness.kills)} kills: {harness.kills}")  # noqa: T201  # the figures of the run
    return lots.expected(table, POLICY)


async def test_every_sum_is_right_to_the_bit_however_often_the_scorer_is_killed(harness):
    expected = await run(harness, KILLS, [*SCORER_POINTS, "at random"])

    assert await harness.sums() == expected
    assert await harness.rolled_up() == await harness.grouped()
    assert {name for name, _ in await harness.rolled_up()} == set(DIMENSIONS)
    assert [kill for kill in harness.kills if "nothing waited" in kill] == []


@pytest.mark.parametrize("harness", [("tests.chaos.controls", "two-transactions")], indirect=True)
async def test_control_positions_in_a_second_transaction_lose_events(harness):
    expected = await run(harness, CONTROL_KILLS, CONTROL_POINTS, wanted=2_000)

    assert await harness.sums() != expected


@pytest.mark.parametrize("harness", [("tests.chaos.controls", "without-deduplication")], indirect=True)
async def test_control_no_deduplication_counts_twice(harness):
    expected = await run(harness, CONTROL_KILLS, CONTROL_POINTS, wanted=2_000)

    assert await harness.sums() != expected


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
