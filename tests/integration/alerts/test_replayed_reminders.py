"""What a replay over a time range repeats: notices always, reminders while nobody has answered."""

import json
from datetime import timedelta

import pytest

from sealwatch.routing.escalation import DEADLINES
from sealwatch.routing.notice import SERIOUS
from sealwatch.shell.clock import utc_now
from sealwatch_alerts.escalating.escalate import Escalator
from tests.factories import level_change
from tests.integration.alerts.office_of_api import office as opened
from tests.integration.alerts.office_of_api import tables

CLIMB = DEADLINES[SERIOUS].climb_after + timedelta(seconds=1)
SPAN = {"since": "2026-01-01T00:00:00Z", "states": ["delivered", "dead", "cancelled"]}


@pytest.fixture(scope="module")
async def shared(postgres):
    async with tables(postgres) as made:
        await made[0].watch.execute(
            "insert into registry.departments values ('centre', 'city', 'City', null, now()), "
            "('centre', 'county', 'County', 'city', now())"
        )
        yield made


@pytest.fixture
async def office(shared):
    async with opened(*shared) as found:
        yield found


async def reminded(office):
    """Tell the county of a Serious, let it be reminded and then the city told; return their endpoints."""
    county, _ = await office.subscribe("/county", department_id="county")
    city, _ = await office.subscribe("/city", department_id="city", products=["NONE"])
    await office.told(level_change(before="high", after="serious"))
    for step in (1, 2):
        now = utc_now() + step * CLIMB
        await Escalator(office.engine, lambda now=now: now).turn()
    await office.set(
        "update alerting.deliveries set created_at = now(), next_attempt_at = now() where state = 'pending'"
    )
    await office.deliver(office.nothing_waits)
    office.took.clear()
    return county, city


async def replayed(office, *paths):
    """Replay all of these endpoints; return what arrived: where, why, and whether it reminds."""
    for path in paths:
        await office.ask("POST", f"{path}/replay", **SPAN)
    await office.deliver(office.nothing_waits)
    told = [(where, json.loads(body)["data"]) for where, _, body in office.took]
    return sorted((where, data["why"], data["unacknowledged"] is not None) for where, data in told)


NOTICE = ("/county", "first_notice", False)
ASKED = [("/city", "escalated", True), NOTICE, ("/county", "reminder", True)]


async def test_a_reminder_that_nobody_answered_is_told_again(office):
    endpoints = await reminded(office)

    assert await replayed(office, *endpoints) == ASKED


@pytest.mark.parametrize("step", [0, 1, 2])
async def test_one_that_was_answered_by_any_of_its_deliveries_is_not_and_the_notice_is(office, step):
    endpoints = await reminded(office)
    one = await office.value("select delivery_id from alerting.deliveries where step = $1", step)
    status, _ = await office.ask("POST", f"/v1/deliveries/{one.hex()}/acknowledgements", name="Li")

    assert status == 201
    assert await replayed(office, *endpoints) == [NOTICE]


async def test_a_word_about_a_later_notice_of_the_product_answers_the_reminder(office):
    endpoints = await reminded(office)
    later = [("high", "serious"), ("serious", "high")]
    changes = [level_change(sequence=n, before=b, after=a) for n, (a, b) in enumerate(later, 2)]
    await office.told(*changes)
    office.took.clear()
    newest = await office.value("select notice_id from alerting.notices order by sequence desc limit 1")
    await office.ask("POST", f"/v1/notices/{newest.hex()}/acknowledgements", name="Li")

    arrived = await replayed(office, *endpoints)

    assert [reminds for *_, reminds in arrived] == [False, False]  # the fall between is superseded


async def test_what_was_overtaken_asks_for_nothing_any_more(office):
    endpoints = await reminded(office)
    await office.set("update alerting.watches set ended = 'overtaken', ended_at = now(), next_at = null")

    assert await replayed(office, *endpoints) == [NOTICE]


async def test_by_its_id_a_reminder_can_still_be_sent(office):
    await reminded(office)
    one = await office.value("select delivery_id from alerting.deliveries where step = 1")
    await office.ask("POST", f"/v1/deliveries/{one.hex()}/acknowledgements", name="Li")

    status, _ = await office.ask("POST", f"/v1/deliveries/{one.hex()}/replay")
    await office.deliver(office.nothing_waits)

    assert status == 202
    assert [json.loads(body)["data"]["why"] for *_, body in office.took] == ["reminder"]
