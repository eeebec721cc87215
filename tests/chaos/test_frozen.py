"""A scorer that was frozen past its session and wakes up: what it still believes must not be written."""

import signal

import pytest

from sealwatch.shell.policies import load_policy
from tests.chaos import lots
from tests.chaos.gated import NEVER, Gate
from tests.chaos.points import SCORER_POINTS

POLICY = load_policy(None)
FENCED = '"reason": "fenced"'
BEFORE_COMMIT = SCORER_POINTS["before commit"]
TABLE = {"food-00": (300, 60)}  # one product, so that both hold the same state


async def frozen_before_its_transaction(harness):
    """Freeze one with 100 polled records in hand; two commits half of them; one wakes and writes.

    Return the sums that are right, and how often one was fenced in the one transaction it woke into: later
    ones wait at the gate until this is counted. Whoever takes over afterwards may be fenced again.
    """
    sent, gate = lots.records(TABLE), Gate(harness.watch)
    one, two = harness.instance("one"), harness.instance("two")
    await gate.allow(one, NEVER)
    await gate.allow(two, 1)
    harness.start("one")
    await harness.publisher.publish(sent[:100])
    assert await harness.until(lambda: harness.reached(100))
    await gate.allow(one, 0)
    await harness.publisher.publish(sent[100:200])
    assert await harness.until(lambda: gate.waits(one))
    harness.signal(signal.SIGSTOP, "one")
    harness.start("two", poll_records=50)
    assert await harness.until(lambda: harness.reached(150))
    assert await harness.until(lambda: gate.waits(two))
    assert not await harness.reached(200)
    await gate.allow(one, 1)
    harness.signal(signal.SIGCONT, "one")
    await harness.until(lambda: _has_tried(harness))
    fenced = harness.said("one", FENCED)
    await gate.allow(one, NEVER)
    await gate.allow(two, NEVER)
    await harness.publisher.publish(sent[200:])
    assert await harness.drained(len(sent))
    return lots.expected(TABLE, POLICY), fenced


async def _has_tried(harness):
    return harness.said("one", FENCED) > 0 or await harness.reached(200)


@pytest.mark.parametrize("harness", [("tests.chaos.controls", "gated")], indirect=True)
async def test_a_writer_frozen_before_its_transaction_is_fenced_when_it_wakes(harness):
    expected, fenced = await frozen_before_its_transaction(harness)

    assert await harness.sums() == expected
    assert fenced == 1


@pytest.mark.parametrize("harness", [("tests.chaos.controls", "without-compare-and-swap")], indirect=True)
async def test_control_without_compare_and_swap_a_frozen_writer_spoils_the_sums(harness):
    expected, fenced = await frozen_before_its_transaction(harness)

    sums = await harness.sums()

    assert sums.keys() == expected.keys()
    assert sums != expected
    assert fenced == 0


async def test_a_writer_frozen_inside_its_transaction_holds_the_others_up_for_seconds_only(harness):
    table = lots.counts(3_000)
    sent = lots.records(table)
    harness.start("one")
    await harness.publisher.publish(sent[:1_000])
    assert await harness.until(lambda: harness.reached(1_000))
    async with harness.held(BEFORE_COMMIT):
        await harness.publisher.publish(sent[1_000:2_000])
        assert await harness.until(lambda: harness.waits(BEFORE_COMMIT))
        harness.signal(signal.SIGSTOP, "one")
    harness.start("two")
    survived = await harness.until(lambda: harness.reached(2_000), 40.0)
    harness.signal(signal.SIGCONT, "one")
    await harness.publisher.publish(sent[2_000:])

    assert await harness.drained(len(sent))

    assert survived
    assert harness.alive("one")
    assert await harness.sums() == lots.expected(table, POLICY)
