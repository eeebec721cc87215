"""Every warning reaches everyone who asked for it, under one id, however often anything is killed.

What a later change of the product overtook may stay untold: then that is written down, and the
later one did arrive.
"""

import os
from collections import Counter

import pytest

from tests.chaos import lots
from tests.chaos.department import KEY, MOODY, Department, subscription_id
from tests.chaos.points import ALERTS_POINTS

ALERTS = ("sealwatch_alerts",)
SETTINGS = {
    "SEALWATCH_SECRETS_KEY": KEY,
    "SEALWATCH_ALLOW_PRIVATE_WEBHOOKS": "true",
    "SEALWATCH_ATTEMPT_TIMEOUT_SECONDS": "1",
}
POINTS = (
    *ALERTS_POINTS,
    "before the outbox",
    "after commit, before memory",
    "between relay and its mark",
    "between an attempt and its record",
)
ROUNDS = max(len(POINTS), int(os.environ.get("CHAOS_KILLS", "0")) // 4)
MINIMUM = {"all": 1, "grave": 4, MOODY: 1}
HURRY = """
update alerting.deliveries set next_attempt_at = now() - interval '1 s' where delivery_id in (
    select delivery_id from alerting.deliveries where state = 'pending' for update skip locked)
"""


@pytest.fixture
async def department(harness, tmp_path):
    made = Department(tmp_path)
    runner = await made.open()
    for path, minimum in MINIMUM.items():
        await made.subscribe(harness.watch, path, minimum)
    yield made
    await runner.cleanup()


async def settled(watch):
    """Let every retry be due, and return whether all changes were heard of and nothing waits."""
    await watch.execute(HURRY)
    return not await watch.fetchval(
        "select (select count(*) from scoring.outbox where sent_at is null)"
        " + (select count(*) from scoring.level_changes) - (select count(*) from alerting.notices)"
        " + (select count(*) from alerting.deliveries where state = 'pending')"
    )


async def run(harness):
    table = lots.counts(2_000)
    sent = lots.records(table)
    harness.start()
    harness.spawn("alerts", ALERTS, SETTINGS)
    for n in range(ROUNDS):
        await harness.kill_at(POINTS[n % len(POINTS)], [*sent[n::ROUNDS], *lots.descriptions(table, n + 1)])
        await harness.watch.execute(HURRY)
    assert await harness.drained(len(sent) + ROUNDS * len(table))
    assert await harness.until(lambda: settled(harness.watch))


async def wanted(watch):
    """Return who must hear of what, from the scorer's own record of the changes."""
    changes = await watch.fetch("select * from scoring.level_changes")
    told = [c for c in changes if c["before"] > 0 or c["after"] > c["start_level"]]
    return {
        (c["uid"].hex(), path)
        for c in told
        for path, minimum in MINIMUM.items()
        if max(c["before"], c["after"]) >= minimum
    }


async def kept_quiet(watch):
    """Return what was recorded as not told: overtaken by a later change that was delivered, or by a rule."""
    rows = await watch.fetch(
        "select n.change ->> 'uid' as uid, d.subscription_id from alerting.deliveries d "
        "join alerting.notices n using (notice_id) where d.state = 'cancelled' and d.reason = 'superseded' "
        "and exists (select from alerting.deliveries o where o.subscription_id = d.subscription_id "
        "and o.product_id = d.product_id and o.sequence > d.sequence and o.state = 'delivered') "
        "union select n.change ->> 'uid', d.subscription_id from alerting.decisions d "
        "join alerting.notices n using (notice_id) where d.reason = 'inhibited_by_enterprise_notice'"
    )
    paths = {subscription_id(path): path for path in MINIMUM}
    return {(row["uid"], paths[row["subscription_id"]]) for row in rows}


def told_of(told, uids):
    """Return the changes that a message tells of: its own, or all that it lists."""
    if "change_id" in told:
        return [told["change_id"]]
    assert told["listed"] == told["changes"]
    return [uids[product, first + n] for product, first, path in told["list"] for n in range(len(path) - 1)]


async def test_every_warning_arrives_at_least_once_under_one_id_however_often_we_are_killed(
    harness, department
):
    await run(harness)

    changes = await harness.watch.fetch("select uid, product_id, sequence from scoring.level_changes")
    uids = {(row["product_id"], row["sequence"]): row["uid"].hex() for row in changes}
    arrived = [(path, line) for path in MINIMUM for line in department.received(path)]
    messages = {(line["headers"]["webhook-id"], path) for path, line in arrived}
    ids = {
        (uid, path, line["headers"]["webhook-id"])
        for path, line in arrived
        for uid in told_of(line["told"], uids)
    }
    pairs = {(uid, path) for uid, path, _ in ids}
    untold = await kept_quiet(harness.watch)
    notices = await harness.watch.fetch("select change ->> 'uid' as uid from alerting.notices")
    print(  # noqa: T201  # the figures of the run
        f"\n{len(changes)} level changes, {len(harness.kills)} kills: {harness.kills}; {len(pairs)} pairs of "
        f"change and endpoint arrived in {len(messages)} messages, {len(untold - pairs)} were overtaken or "
        f"inhibited, {len(arrived) - len(messages)} duplicates "
        f"({(len(arrived) - len(messages)) / len(arrived):.2%})"
    )
    assert Counter(row["uid"] for row in notices) == Counter(row["uid"].hex() for row in changes)
    assert pairs | untold == await wanted(harness.watch)
    assert len(ids) == len(pairs)
    assert len(messages) < len(pairs)
    assert all(line["verified"] for _, line in arrived)
    assert len(arrived) > len(messages)
    assert [kill for kill in harness.kills if "nothing waited" in kill] == []
