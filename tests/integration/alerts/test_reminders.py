"""Reminders as letters on real servers, and the button of one that stops the climb."""

from datetime import timedelta

import pytest

from sealwatch.routing.escalation import DEADLINES
from sealwatch.routing.notice import SERIOUS
from sealwatch_alerts.escalating.escalate import Escalator
from tests.factories import level_change
from tests.integration.alerts.letterbox import letterbox, tables

PAUSE = DEADLINES[SERIOUS].climb_after + timedelta(seconds=1)


@pytest.fixture
async def box(postgres):
    async with tables(postgres) as parts, letterbox(*parts) as made:
        await made.watch.execute(
            "insert into registry.departments values ('centre', 'city', 'City', null, now()), "
            "('centre', 'county', 'County', 'city', now())"
        )
        await made.subscribe(1, "duty@county.example", level=4)
        await made.subscribe(2, "duty@city.example", level=4)
        await made.watch.execute(
            "update registry.subscriptions set department_id = case address "
            "when 'duty@city.example' then 'city' else 'county' end"
        )
        await made.confirmed(number=3, address="other@dep.example", level=4)
        yield made


async def told(box):
    """Tell the county of a Serious, and let nobody else be told."""
    await box.change(level_change(after="serious"))
    await box.watch.execute("delete from alerting.watches where office <> 'county'")
    await box.deliver(box.counts(delivered=3))
    box.post.letters.clear()


async def passing(box, delivered):
    box.later += PAUSE
    await Escalator(box.engine, box.clock).turn()
    await box.deliver(box.counts(delivered=delivered))


async def test_the_office_gets_a_reminder_and_the_one_above_hears_who_was_silent(box):
    await told(box)

    await passing(box, 4)
    await passing(box, 5)

    assert [(one["to"], one["subject"]) for one in box.post.letters] == [
        (
            f"duty@{office}.example",
            "Not acknowledged: [serious (red)] P1: report to the General Administration",
        )
        for office in ("county", "city")
    ]
    assert "county has not acknowledged" in box.post.letters[1].get_body(("plain",)).get_content()
    assert len({one["message-id"] for one in box.post.letters}) == 2


async def test_the_button_of_a_reminder_stops_the_climb(box):
    await told(box)
    await passing(box, 4)

    await box.http.post(box.link(box.post.letters[0]), data={"name": "Li Wei", "answer": "sealed the store"})
    await passing(box, 4)

    assert [one["to"] for one in box.post.letters] == ["duty@county.example"]
    assert await box.watch.fetchval("select ended from alerting.watches") == "acknowledged"
