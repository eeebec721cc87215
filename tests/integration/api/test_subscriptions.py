"""Subscriptions change field by field, with bounds, clear refusals and a row of the audit for each change."""

from datetime import timedelta

import pytest

from sealwatch.shell.audience import asked
from tests.factories import level_change
from tests.integration.api.doors import NOON

HOOK = {"department": "D", "url": "https://hooks.example.org/x"}
MAIL = {"department": "D", "channel": "email", "address": "duty@office.example", "digest": True}
SOON = "2026-03-01T12:00:00Z"
PAUSE = {"paused_until": "2026-03-02T12:00:00Z", "pause_reason": "stocktaking"}
EVERYTHING = {
    "department": "Labels",
    "department_id": "labels",
    "minimum_level": "high",
    "categories": ["labels"],
    "regions": ["11"],
    "enterprises": ["E1"],
    "factors": ["COPY"],
    "products": ["P1"],
    "kinds": ["level_change"],
    "language": "zh",
}


@pytest.fixture
async def desk(doors):
    key = await doors.key()
    await doors.ask("PUT", "/v1/departments/labels", key, json={"name": "Labels"})

    async def made(wish):
        answer = await doors.ask("POST", "/v1/subscriptions", key, json=wish)
        assert answer.status_code == 201, answer.text
        return f"/v1/subscriptions/{answer.json()['subscription_id']}"

    async def change(path, **body):
        answer = await doors.ask("PATCH", path, key, json=body)
        return answer.status_code, answer.json()

    async def audit(path):
        found = await doors.ask("GET", f"/v1/audit?subject={path.rpartition('/')[2]}", key)
        return [one for one in found.json()["items"] if one["action"] == "subscription.changed"]

    doors.made, doors.change, doors.audit = made, change, audit
    return doors


async def test_every_field_can_be_changed_and_what_is_left_out_stays(desk):
    path = await desk.made(HOOK)

    status, shown = await desk.change(path, **EVERYTHING)

    assert status == 200
    assert {name: shown[name] for name in EVERYTHING} == EVERYTHING
    assert (shown["url"], shown["channel"]) == (HOOK["url"], "webhook")


async def test_each_change_is_on_record_with_what_it_was_before(desk):
    path = await desk.made(HOOK)
    await desk.change(path, minimum_level="serious", language="zh")
    await desk.change(path, minimum_level="serious")

    [deed] = await desk.audit(path)

    assert deed["detail"] == {
        "before": {"language": "en", "minimum_level": 2},
        "after": {"language": "zh", "minimum_level": 4},
    }


async def test_an_empty_list_lets_everything_through_again_and_null_takes_away(desk):
    path = await desk.made(
        HOOK | {"products": ["P1"], "contact": "it@office.example", "department_id": "labels"}
    )

    _, shown = await desk.change(path, products=[], contact=None, department_id=None)

    assert (shown["products"], shown["contact"], shown["department_id"]) == ([], None, None)


async def test_the_interval_of_a_digest_is_a_day_until_it_is_set(desk):
    path = await desk.made(MAIL)
    _, usual = await desk.change(path, language="zh")
    _, hourly = await desk.change(path, digest_seconds=3_600)
    _, none = await desk.change(path, digest=False)

    assert [one["digest_seconds"] for one in (usual, hourly, none)] == [86_400, 3_600, None]


async def test_the_warnings_see_the_interval_and_the_pause(desk):
    path = await desk.made(MAIL | {"digest_seconds": 7_200})
    await desk.change(path, **PAUSE)

    async with desk.engine.begin() as connection:
        await connection.exec_driver_sql("select set_config('sealwatch.organisation', 'centre', true)")
        known = await asked(connection, NOON, "centre")

    [one] = [s for s in known.audience.subscriptions if s.subscription_id.hex() == path.rpartition("/")[2]]
    assert one.digest_every == timedelta(hours=2)
    assert (one.is_paused(NOON), one.is_paused(NOON + timedelta(days=1))) == (True, False)


async def test_a_pause_can_be_ended(desk):
    path = await desk.made(HOOK)
    _, paused = await desk.change(path, **PAUSE)
    _, going_on = await desk.change(path, paused_until=None)

    assert (paused["paused_until"], going_on["paused_until"]) == ("2026-03-02T12:00:00Z", None)


async def test_the_reason_of_a_pause_is_kept_in_the_audit(desk):
    path = await desk.made(HOOK)
    await desk.change(path, **PAUSE)

    kept = await desk.watch.fetchval(
        "select detail ->> 'pause_reason' from registry.audit where action = 'subscription.changed' "
        "and subject = $1",
        path.rpartition("/")[2],
    )

    assert kept == PAUSE["pause_reason"]


async def test_a_dry_run_says_that_a_subscription_is_paused(desk):
    path = await desk.made(HOOK)
    await desk.change(path, **PAUSE)
    change = level_change(after="medium").model_dump()
    asked_of = {name: change[name] for name in ("product_id", "before", "after")}

    said = (
        await desk.ask("POST", "/v1/subscriptions/dry-run", await desk.key(), json={"change": asked_of})
    ).json()

    [one] = [s for s in said["answers"] if s["subscription_id"] == path.rpartition("/")[2]]
    assert (one["outcome"], one["reason"]) == ("quiet", "paused")


@pytest.mark.parametrize(
    ("made", "body", "pointer", "code"),
    [
        (HOOK, {"digest": True}, "/digest", "other_channel"),
        (HOOK, {"address": "a@b.example"}, "/address", "other_channel"),
        (MAIL, {"url": "https://hooks.example.org/y"}, "/url", "other_channel"),
        (MAIL, {"contact": "a@b.example"}, "/contact", "other_channel"),
        (MAIL | {"digest": False}, {"digest_seconds": 3_600}, "/digest_seconds", "interval_without_digest"),
        (MAIL, {"digest_seconds": 3_599}, "/digest_seconds", "invalid_field"),
        (MAIL, {"digest_seconds": 604_801}, "/digest_seconds", "invalid_field"),
        (HOOK, PAUSE | {"paused_until": SOON}, "/paused_until", "pause_out_of_range"),
        (HOOK, PAUSE | {"paused_until": "2026-03-08T12:00:01Z"}, "/paused_until", "pause_out_of_range"),
        (HOOK, {"paused_until": PAUSE["paused_until"]}, "/pause_reason", "pause_without_reason"),
        (HOOK, {"pause_reason": "no pause"}, "/pause_reason", "pause_without_reason"),
        (HOOK, PAUSE | {"pause_reason": ""}, "/pause_reason", "invalid_field"),
        (HOOK, {"minimum_level": "grave"}, "/minimum_level", "invalid_field"),
        (HOOK, {"kinds": []}, "/kinds", "invalid_field"),
        (HOOK, {"language": None}, "/language", "invalid_field"),
        (HOOK, {"regions": ["x"]}, "/regions/0", "invalid_field"),
    ],
)
async def test_what_does_not_fit_is_refused_with_its_place_and_changes_nothing(
    desk, made, body, pointer, code
):
    path = await desk.made(made)

    status, said = await desk.change(path, **body)

    assert (status, said["code"]) == (422, code)
    assert [one["pointer"] for one in said["errors"]] == [pointer]
    assert await desk.audit(path) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_to_change"),
        ({"channel": "email"}, "invalid_field"),
        ({"department_id": "nowhere"}, "unknown_department"),
        ({"url": "https://inside.example/"}, "url_not_allowed"),
    ],
)
async def test_what_cannot_be_changed_is_refused(desk, body, code):
    path = await desk.made(HOOK)

    status, said = await desk.change(path, **body)

    assert (status, said["code"]) == (422, code)


async def test_a_subscription_of_another_organisation_is_not_found(desk):
    path = await desk.made(HOOK)

    answer = await desk.ask("PATCH", path, await desk.key("elsewhere"), json={"language": "zh"})

    assert answer.status_code == 404
