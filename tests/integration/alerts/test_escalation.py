"""Chains on a real PostgreSQL: reminders, the offices above, acknowledgements, and deaths in between."""

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from sealwatch.risk.policy import Level
from sealwatch.routing.escalation import DEADLINES
from sealwatch.routing.notice import SERIOUS
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.escalating.escalate import Escalator
from sealwatch_alerts.message import Nudge
from tests.factories import NOON, level_change
from tests.integration.alerts.test_routing import Desk

SECOND = timedelta(seconds=1)
FIRST = NOON + DEADLINES[SERIOUS].remind_after
CLIMB = DEADLINES[SERIOUS].climb_after
OFFICES = {"county": "city", "city": "province", "province": None}
STEPS = "select office, step, kind, to_office from alerting.escalations order by made_at, office, step"
LATER = "select subscription_id, behalf, step from alerting.deliveries where step > 0 order by step, behalf"
SUBSCRIBE = """
insert into registry.subscriptions (subscription_id, organisation_id, department, department_id, url,
                                    secret_sealed, minimum_level)
values ($1, 'centre', $2, $2, 'https://x.example', '', 4)
"""


class Ladder(Desk):
    """Three offices above one another, a subscription each; the clock is an argument."""

    async def build(self, *with_subscription):
        for name, above in reversed(OFFICES.items()):
            await self.watch.execute(
                "insert into registry.departments values ('centre', $1, $1, $2, $3)", name, above, NOON
            )
        for number, name in enumerate(with_subscription, 1):
            await self.watch.execute(SUBSCRIBE, number.to_bytes(16, "big"), name)

    async def turn(self, now):
        return await Escalator(self.engine, lambda: now).turn()

    async def acknowledge(self, now, condition="step = 0"):
        await self.watch.execute(
            "insert into alerting.acknowledgements (acknowledgement_id, organisation_id, delivery_id, who, "  # noqa: S608
            "via, acknowledged_at) select delivery_id, organisation_id, delivery_id, 'Li', 'link', $1 "
            f"from alerting.deliveries where {condition}",
            now,
        )

    async def steps(self):
        return await self.rows(STEPS)


@pytest.fixture
async def ladder(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    engine = open_engine(
        AlertsSettings(database_url=url, secrets_key="unused"), "sealwatch_alerts", application="test"
    )
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    yield Ladder(engine, watch)
    await watch.close()
    await engine.dispose()


async def raised(ladder, *names):
    await ladder.build(*names)
    await ladder.hear([level_change(after="serious")], NOON)
    await ladder.watch.execute("delete from alerting.watches where office <> 'county'")


async def test_nobody_acknowledges_and_each_office_up_to_the_top_is_told_once(ladder):
    await raised(ladder, "county", "city", "province")

    turns = [await ladder.turn(FIRST - SECOND)]
    turns += [await ladder.turn(FIRST + pause * CLIMB) for pause in (0, 0, 1, 2, 3)]

    assert turns == [0, 1, 0, 1, 1, 0]
    assert await ladder.steps() == [
        ("county", 1, "reminder", "county"),
        ("county", 2, "escalated", "city"),
        ("county", 3, "escalated", "province"),
    ]
    assert [tuple(row) for row in await ladder.rows(LATER)] == [
        (number.to_bytes(16, "big"), "county", number) for number in (1, 2, 3)
    ]
    assert await ladder.rows("select ended from alerting.watches") == [("top_was_told",)]


@pytest.mark.parametrize(
    ("made", "which"),
    [
        (0, "subscription_id = '\\x00000000000000000000000000000001'"),
        (1, "behalf = 'county' and step = 1"),
        (2, "behalf = 'county' and step = 2"),
    ],
)
async def test_an_acknowledgement_one_second_before_a_step_stops_it(ladder, made, which):
    await raised(ladder, "county", "city", "province")
    for pause in range(made):
        await ladder.turn(FIRST + pause * CLIMB)

    await ladder.acknowledge(FIRST + made * CLIMB - SECOND, which)
    await ladder.turn(FIRST + made * CLIMB)

    assert len(await ladder.steps()) == made
    assert await ladder.rows("select ended from alerting.watches") == [("acknowledged",)]


async def test_each_office_answers_for_itself(ladder):
    await ladder.build("county", "province")
    await ladder.hear([level_change(after="serious")], NOON)
    await ladder.acknowledge(NOON, "subscription_id = '\\x00000000000000000000000000000002'")

    await ladder.turn(FIRST)

    assert await ladder.steps() == [("county", 1, "reminder", "county")]


async def test_a_word_about_a_later_notice_of_the_product_covers_the_earlier(ladder):
    await raised(ladder, "county")
    later = [level_change(sequence=2, before="serious", after="high"),
             level_change(sequence=3, before="high", after="serious")]  # fmt: skip
    await ladder.hear(later, NOON + SECOND)
    await ladder.acknowledge(NOON + SECOND, "sequence = 3")

    await ladder.turn(FIRST + SECOND)

    assert await ladder.steps() == []


async def test_an_all_clear_ends_what_nobody_needs_to_see_any_more(ladder):
    await raised(ladder, "county")
    await ladder.hear([level_change(sequence=2, before="serious", after="low")], NOON + SECOND)

    await ladder.turn(FIRST)

    assert await ladder.rows("select ended from alerting.watches") == [("overtaken",)]


async def test_an_office_whose_endpoint_is_off_is_passed_over_and_on_record(ladder):
    await raised(ladder, "county", "city", "province")
    await ladder.watch.execute(
        "insert into alerting.endpoints values ($1, $2, 'gone')", (2).to_bytes(16, "big"), NOON
    )

    await ladder.turn(FIRST)
    await ladder.turn(FIRST + CLIMB)

    assert [row[2:] for row in await ladder.steps()] == [
        ("reminder", "county"),
        ("unreachable", "city"),
        ("escalated", "province"),
    ]


async def test_what_is_told_once_more_says_who_was_silent_and_the_level_as_it_is_now(ladder):
    await raised(ladder, "county", "city")
    await ladder.hear([level_change(sequence=2, before="serious", after="high")], NOON + SECOND)
    await ladder.deliver(NOON)
    await ladder.turn(FIRST)
    await ladder.deliver(FIRST)
    await ladder.turn(FIRST + CLIMB)

    found = await ladder.claim(FIRST + CLIMB)

    nudge = found[0].told.nudge
    assert nudge == Nudge("escalated", "county", 2, Level.HIGH)


async def test_a_death_before_the_commit_makes_no_step_and_the_next_turn_makes_it_once(ladder):
    await raised(ladder, "county", "city")
    await ladder.watch.execute(
        "create function alerting.die() returns trigger language plpgsql as "
        "$$ begin raise exception 'dead'; end $$; "
        "create trigger die before update on alerting.watches for each row execute function alerting.die()"
    )
    with pytest.raises(DBAPIError, match="dead"):
        await ladder.turn(FIRST)
    before = await ladder.steps(), await ladder.rows(LATER)
    await ladder.watch.execute("drop trigger die on alerting.watches")

    await ladder.turn(FIRST)

    assert before == ([], [])
    assert len(await ladder.steps()) == len(await ladder.rows(LATER)) == 1


async def test_many_at_work_at_once_make_each_step_once(ladder):
    await ladder.build("county", "city", "province")
    await ladder.hear([level_change(f"P{n}", after="serious") for n in range(100)], NOON)

    done = await asyncio.gather(*(ladder.turn(FIRST) for _ in range(4)))

    assert sum(done) == 300
    assert len(await ladder.steps()) == 300
    assert len(await ladder.rows(LATER)) == 300


RULES = """
insert into registry.escalation_rules values ($1, 4, $2, $3, now(), 'centre/a')
"""
MINUTE = timedelta(minutes=1)


async def test_an_organisation_has_its_own_spans_from_the_first_step_to_the_last(ladder):
    await ladder.watch.execute(RULES, "centre", 60, 300)
    await raised(ladder, "county", "city", "province")

    at = [MINUTE - SECOND, MINUTE, 6 * MINUTE - SECOND, 6 * MINUTE, 11 * MINUTE]
    turns = [await ladder.turn(NOON + one) for one in at]

    assert turns == [0, 1, 0, 1, 1]
    assert [row[2:] for row in await ladder.steps()] == [
        ("reminder", "county"), ("escalated", "city"), ("escalated", "province"),
    ]  # fmt: skip


async def test_the_spans_of_another_organisation_change_nothing(ladder):
    await ladder.watch.execute("insert into registry.organisations values ('other', 'Other')")
    await ladder.watch.execute(RULES, "other", 60, 60)
    await raised(ladder, "county")

    assert [await ladder.turn(NOON + MINUTE), await ladder.turn(FIRST)] == [0, 1]


@pytest.mark.parametrize(
    ("remind", "first"), [(120, NOON + 2 * MINUTE), (3_600, NOON + 60 * MINUTE)], ids=["shorter", "longer"]
)
async def test_spans_that_are_set_meanwhile_hold_for_a_chain_that_runs(ladder, remind, first):
    await raised(ladder, "county", "city")
    await ladder.watch.execute(RULES, "centre", remind, 600)
    await ladder.watch.execute("update alerting.watches set next_at = $1", NOON + SECOND)

    turns = [await ladder.turn(one) for one in (NOON + SECOND, first - SECOND, first, first)]

    assert turns == [1, 0, 1, 0]
    assert await ladder.steps() == [("county", 1, "reminder", "county")]
