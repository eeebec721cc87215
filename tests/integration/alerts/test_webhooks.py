"""Secrets that rotate, endpoints that are tested, switched off and on, and deliveries that are replayed."""

import asyncio
import json
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from sealwatch.shell.clock import utc_now
from tests.factories import level_change
from tests.integration.alerts.office_of_api import office as opened
from tests.integration.alerts.office_of_api import sequences, tables

HOURS_120 = timedelta(hours=120)
PENDING = "select count(*) from alerting.deliveries where state = 'pending'"


@pytest.fixture(scope="module")
async def shared(postgres):
    async with tables(postgres) as made:
        yield made


@pytest.fixture
async def office(shared):
    async with opened(*shared) as found:
        yield found


def grave(number, sequence=1):
    return level_change(f"P{number}", sequence=sequence, before="high", after="serious")


def accepts(secret, took):
    """Return whether a receiver that holds this secret takes the raw bytes of each webhook."""
    verified = []
    for _, headers, body in took:
        try:
            verified.append(Webhook(secret).verify(body, headers) == json.loads(body))
        except WebhookVerificationError:
            verified.append(False)
    return verified


async def test_during_a_rotation_a_receiver_with_either_secret_verifies_every_delivery(office):
    path, first = await office.subscribe()
    before = await office.told(*(grave(n) for n in range(10)))

    rotated, said = await office.ask("POST", f"{path}/secret", overlap_seconds=3600)
    during = await office.told(*(grave(n) for n in range(10, 20)))
    await office.set("update registry.retiring_secrets set signs_until = retired_at + interval '1 us'")
    after = await office.told(grave(20))

    second = said["secret"]
    assert (rotated, len(before), len(during), len(after)) == (200, 10, 10, 1)
    assert all(accepts(first, before + during))
    assert all(accepts(second, during + after))
    assert not any(accepts(second, before) + accepts(first, after))


async def test_after_a_leak_the_old_secret_stops_at_once(office):
    path, first = await office.subscribe()
    await office.ask("POST", f"{path}/secret", overlap_seconds=3600)

    _, said = await office.ask("POST", f"{path}/secret", overlap_seconds=0)
    took = await office.told(grave(1))

    assert accepts(said["secret"], took) == [True]
    assert accepts(first, took) == [False]
    assert len(took[0][1]["webhook-signature"].split(" ")) == 1


async def test_no_more_than_four_secrets_sign_together(office):
    path, _ = await office.subscribe()

    answers = [await office.ask("POST", f"{path}/secret", overlap_seconds=3600) for _ in range(4)]

    assert [status for status, _ in answers] == [200, 200, 200, 409]
    assert answers[-1][1]["code"] == "rotations_overlap"


async def test_no_secret_is_readable_in_any_table(office):
    path, first = await office.subscribe()
    _, said = await office.ask("POST", f"{path}/secret", overlap_seconds=3600)

    kept = str(await office.doors.watch.fetch(
        "select s::text from registry.subscriptions s union all "
        "select r::text from registry.retiring_secrets r union all select a::text from registry.audit a"
    ))  # fmt: skip

    secrets = [first, said["secret"]]
    assert len(kept) > 500
    assert [s for s in secrets if s[6:] in kept or s[6:].encode().hex() in kept] == []


async def test_a_test_goes_the_way_of_warnings_and_tells_of_nothing(office):
    path, secret = await office.subscribe(language="zh")

    status, queued = await office.ask("POST", f"{path}/test")
    await office.deliver(office.nothing_waits)

    _, shown = await office.ask("GET", f"/v1/deliveries/{queued['delivery_id']}")
    [(_, headers, body)] = office.took
    assert (status, shown["state"], headers["webhook-id"]) == (
        202,
        "delivered",
        f"msg_{queued['delivery_id']}",
    )
    assert accepts(secret, office.took) == [True]
    assert json.loads(body)["type"] == "endpoint.test"


async def switched_off(office):
    """Let an endpoint fail until it is switched off; return its path in the api."""
    path, _ = await office.subscribe(contact="duty@dep.example")
    office.status["/hook"] = 500
    await office.change(grave(1), grave(2), grave(3), level_change("P1", sequence=2, before="serious"))
    await office.deliver(office.attempted)
    await office.set("update alerting.endpoints set failing_for = $1", HOURS_120 - timedelta(minutes=1))
    now = await office.value("select counted_at from alerting.endpoints")
    early = await office.look(now + timedelta(seconds=59))
    late = await office.look(now + timedelta(seconds=61))
    again = await office.look(now + timedelta(seconds=121))
    assert (len(early), len(late), len(again)) == (0, 1, 0)
    return path


async def test_an_endpoint_that_only_failed_for_120_hours_is_switched_off_and_its_owner_told_once(office):
    path = await switched_off(office)

    _, health = await office.ask("GET", f"{path}/health")

    [news] = health["owner_news"]
    assert (health["state"], health["waiting"]) == ("disabled", 0)
    assert (news["contact"], news["kind"], news["told_at"]) == ("duty@dep.example", "endpoint_disabled", None)
    assert news["reason"] == health["disabled_reason"] == "every attempt failed for 120 hours"
    assert (
        await office.value("select count(*) from alerting.deliveries where reason = 'endpoint_disabled'") == 4
    )


async def test_what_it_missed_is_sent_by_a_replay_each_once_in_order_under_the_old_ids(office):
    path = await switched_off(office)
    ids = await office.doors.watch.fetch(
        "select 'msg_' || encode(delivery_id, 'hex') as id from alerting.deliveries"
    )
    office.took.clear()
    office.status.clear()
    refused, _ = await office.ask("POST", f"{path}/replay", since="2026-01-01T00:00:00Z")

    _, health = await office.ask("POST", f"{path}/enable")
    _, said = await office.ask("POST", f"{path}/replay", since="2026-01-01T00:00:00Z")
    await office.deliver(office.nothing_waits)

    arrived = [headers["webhook-id"] for _, headers, _ in office.took]
    of_one = [place for place in sequences(office.took) if place[0] == "P1"]
    assert (refused, health["state"], said["deliveries"]) == (409, "healthy", 4)
    assert sorted(arrived) == sorted(row["id"] for row in ids)
    assert of_one == [("P1", 1), ("P1", 2)]


async def test_a_replay_is_due_in_the_order_in_which_it_was_made(office):
    path, _ = await office.subscribe()
    for number in (7, 3, 9, 1, 8, 2):
        await office.told(grave(number))

    await office.ask("POST", f"{path}/replay", since="2026-01-01T00:00:00Z", states=["delivered"])

    due = await office.doors.watch.fetch(
        "select product_id from alerting.deliveries order by next_attempt_at"
    )
    assert [row["product_id"] for row in due] == ["P7", "P3", "P9", "P1", "P8", "P2"]


async def test_attempts_of_a_replay_are_counted_after_those_before_it(office):
    await office.subscribe()
    await office.told(grave(1))
    delivery = (await office.value("select delivery_id from alerting.deliveries")).hex()

    answers = [await office.ask("POST", f"/v1/deliveries/{delivery}/replay") for _ in range(2)]
    await office.deliver(office.nothing_waits)

    _, shown = await office.ask("GET", f"/v1/deliveries/{delivery}")
    assert [status for status, _ in answers] == [202, 409]
    assert answers[1][1]["code"] == "delivery_pending"
    assert [one["number"] for one in shown["attempts"]] == [1, 2]
    assert shown["replayed_at"] is not None


async def test_a_replay_reaches_back_30_days(office):
    path, _ = await office.subscribe()
    await office.told(grave(1))
    await office.set("update alerting.deliveries set state = 'dead', created_at = now() - interval '31 days'")
    delivery = (await office.value("select delivery_id from alerting.deliveries")).hex()

    by_range = await office.ask("POST", f"{path}/replay", since="2026-01-01T00:00:00Z")
    by_id = await office.ask("POST", f"/v1/deliveries/{delivery}/replay")

    assert by_range == (202, {"deliveries": 0, "first": None})
    assert (by_id[0], by_id[1]["code"]) == (409, "delivery_too_old")


async def test_what_was_superseded_is_only_replayed_where_all_is(office):
    path, _ = await office.subscribe()
    await office.told(grave(1))
    await office.set("update alerting.deliveries set state = 'cancelled', reason = 'superseded'")
    since = (utc_now() - timedelta(hours=1)).isoformat()

    missed = await office.ask("POST", f"{path}/replay", since=since)
    everything = await office.ask("POST", f"{path}/replay", since=since, states=["delivered", "cancelled"])

    assert [said["deliveries"] for _, said in (missed, everything)] == [0, 1]


async def test_health_tells_of_successes_failures_and_the_speed_of_answers(office):
    path, _ = await office.subscribe()
    _, untried = await office.ask("GET", f"{path}/health")
    await office.told(grave(1))
    _, well = await office.ask("GET", f"{path}/health")
    office.status["/hook"] = 503
    await office.change(grave(2))

    async def failed():
        return await office.value("select count(*) from alerting.attempts where status = 503")

    await office.deliver(failed)
    _, sick = await office.ask("GET", f"{path}/health")

    assert [one["state"] for one in (untried, well, sick)] == ["untried", "healthy", "failing"]
    assert well["last_success_at"] == sick["last_success_at"]
    assert (sick["failures"], sick["waiting"], sick["answers"]) == (1, 1, 2)
    assert sick["p99_ms"] >= sick["p50_ms"] >= 0
    assert sick["last_detail"] == "status 503"


async def test_gone_is_told_to_its_owner_once_however_many_said_so(office):
    path, _ = await office.subscribe()
    office.status["/hook"] = 410

    await office.told(*(grave(n) for n in range(8)))

    _, health = await office.ask("GET", f"{path}/health")
    assert health["disabled_reason"] == "status 410: the endpoint is gone"
    assert len(health["owner_news"]) == 1


async def test_an_endpoint_that_moves_keeps_what_waits_for_it(office):
    path, secret = await office.subscribe("/old")
    await office.change(grave(1))

    moved, _ = await office.ask("PATCH", path, url=f"{office.url}/new")
    await office.deliver(office.nothing_waits)

    assert (moved, [where for where, *_ in office.took]) == (200, ["/new"])
    assert accepts(secret, office.took) == [True]


async def test_deliveries_are_found_by_endpoint_department_and_time(office):
    await office.ask("PUT", "/v1/departments/D1", name="Labels")
    path, _ = await office.subscribe(department_id="D1")
    await office.subscribe("/other")
    await office.told(grave(1))
    one = path.rpartition("/")[2]

    queries = [
        f"subscription_id={one}",
        "department_id=D1",
        "since=2026-01-01T00:00:00Z",
        "until=2026-01-01T00:00:00Z",
    ]
    found = [await office.ask("GET", f"/v1/deliveries?{query}") for query in queries]
    decided, _ = await office.ask("GET", "/v1/decisions?since=2026-01-01T00:00:00Z")

    assert [len(said["items"]) for _, said in found] == [1, 1, 2, 0]
    assert decided == 200


async def test_every_change_is_in_the_audit(office):
    path, _ = await office.subscribe()
    await office.ask("POST", f"{path}/secret", overlap_seconds=60)
    await office.ask("POST", f"{path}/test")
    await office.ask("PATCH", path, contact="duty@dep.example")
    await office.ask("POST", f"{path}/replay", since="2026-01-01T00:00:00Z")

    _, said = await office.ask("GET", "/v1/audit")

    assert [one["action"] for one in said["items"]][:4] == [
        "endpoint.replayed", "subscription.changed", "endpoint.tested", "secret.rotated",
    ]  # fmt: skip


async def test_two_that_look_at_once_count_time_once(office):
    await office.subscribe()
    office.status["/hook"] = 500
    await office.change(grave(1))
    await office.deliver(office.attempted)
    now = await office.value("select counted_at from alerting.endpoints") + timedelta(minutes=1)

    await asyncio.gather(office.look(now), office.look(now))

    assert await office.value("select failing_for from alerting.endpoints") == timedelta(minutes=1)
