"""Every warning reaches each of 20 endpoints that fail at random, while the sender is killed.

``CHAOS_KILLS=100`` makes the long form; the run prints what it did. The control writes that a
webhook was delivered before it sends it, and loses some.
"""

import os

import pytest

from sealwatch.contracts.codec import Envelope, Stamp, encode
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.shell.clock import utc_now
from tests.chaos.department import KEY
from tests.chaos.flaky import Flaky
from tests.factories import level_change

KILLS = int(os.environ.get("CHAOS_KILLS", "5"))
ENDPOINTS, CHANGES = 20, 10
ENOUGH = 5  # kills for the control, which fails without any
ALERTS, HASTY = ("sealwatch_alerts",), ("tests.chaos.hasty_alerts",)
SETTINGS = {
    "SEALWATCH_SECRETS_KEY": KEY,
    "SEALWATCH_ALLOW_PRIVATE_WEBHOOKS": "true",
    "SEALWATCH_ATTEMPT_TIMEOUT_SECONDS": "1",
}
HURRY = """
update alerting.deliveries set next_attempt_at = now() - interval '1 s', failures = least(failures, 1),
       attempts_before = attempts_before + greatest(failures - 1, 0)
where delivery_id in (
    select delivery_id from alerting.deliveries where state = 'pending' and next_attempt_at > now()
      and (leased_until is null or leased_until < now()) for update skip locked)
"""
UNTOLD = """
select (select count(*) from alerting.deliveries where state = 'pending')
     + $1 - (select count(*) from alerting.notices)
"""
STAMP = Stamp("sealwatch", "scorer").headers()


@pytest.fixture
async def flaky(harness):
    made = Flaky(ENDPOINTS)
    runner = await made.open()
    await made.subscribe(harness.watch)
    yield made
    await made.close(runner)


def changes(number):
    return [
        level_change(f"P{number}-{n}", after="serious", changed_at=utc_now().isoformat())
        for n in range(CHANGES)
    ]


def recorded(change):
    envelope = Envelope("level.changed.v1", bytes.fromhex(change.uid), change.product_id, utc_now())
    return encode(envelope, change.model_dump_json().encode(), STAMP, LEVEL_CHANGES.name)


async def run(harness, flaky, module, kills):
    """Send changes, kill the sender after a random number of webhooks, and so on; return what was sent."""
    harness.spawn("alerts", module, SETTINGS)
    sent = []
    for number in range(kills):
        sent += (found := changes(number))
        aim = len(flaky.took) + harness.random.randrange(1, CHANGES * ENDPOINTS // 2)
        await harness.publisher.publish([recorded(one) for one in found])
        await harness.until(lambda aim=aim: hurried(harness, flaky, aim))
        harness.kill("alerts")
        harness.kills.append("at random")
        harness.again("alerts")
    await harness.until(lambda: settled(harness, len(sent)), 60.0 + 2 * kills)
    return {(one.uid, str(n)) for one in sent for n in range(ENDPOINTS)}


async def hurried(harness, flaky, aim):
    await harness.watch.execute(HURRY)
    return len(flaky.took) >= aim


async def settled(harness, sent):
    await harness.watch.execute(HURRY)
    return not await harness.watch.fetchval(UNTOLD, sent)


def told(harness, flaky, wanted):
    """Print the figures of a run; return what is missing, and how many ids each pair came under."""
    arrived = {pair for pair, _ in flaky.took}
    again = len(flaky.took) - len(arrived)
    print(  # noqa: T201  # the figures of the run
        f"\n{len(harness.kills)} kills, {len(wanted)} pairs of notice and endpoint, "
        f"{len(wanted - arrived)} missing, {again} duplicates "
        f"({again / len(flaky.took):.2%}); moods: {dict(flaky.moods)}"
    )
    return wanted - arrived, len(set(flaky.took)) - len(arrived)


async def test_no_pair_of_notice_and_endpoint_is_missing_however_often_the_sender_is_killed(harness, flaky):
    wanted = await run(harness, flaky, ALERTS, KILLS)

    assert told(harness, flaky, wanted) == (set(), 0)
    assert len(harness.kills) == KILLS


async def test_a_sender_that_marks_before_it_sends_is_caught(harness, flaky):
    wanted = await run(harness, flaky, HASTY, ENOUGH)

    missing, _ = told(harness, flaky, wanted)
    assert missing
