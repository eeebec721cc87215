"""What a level asks of people."""

from datetime import datetime, timedelta

import pytest

from sealwatch.risk.policy import Level
from sealwatch.routing.coping import actions_of, due_at
from sealwatch.shell.policies import load_policy
from tests.factories import NOON, level_change

COPING = load_policy(None).coping
ID = b"n" * 16


@pytest.mark.parametrize(
    ("deadline", "after"),
    [
        ("at once", timedelta(0)),
        ("7 days", timedelta(days=7)),
        ("Within 1 day", timedelta(days=1)),
        ("36 hours", timedelta(hours=36)),
        ("2 weeks", timedelta(weeks=2)),
    ],
)
def test_a_deadline_that_names_a_span_sets_an_instant(deadline, after):
    assert due_at(deadline, NOON) == NOON + after


@pytest.mark.parametrize(
    "deadline", ["none", "at the next sampling plan", "7", "days", "-1 days", "\u0667 days"]
)
def test_a_deadline_that_names_none_is_left_to_the_plan(deadline):
    assert due_at(deadline, NOON) is None


@pytest.mark.parametrize("level", ["low", "medium", "high", "serious"])
def test_a_level_asks_for_exactly_its_actions(level):
    before = "not_assessed"

    strategy = next(coping for word, coping in COPING.items() if word.word == level)

    asked = actions_of(level_change(before=before, after=level), ID, strategy)

    assert tuple(one.action for one in asked) == strategy.actions
    assert {one.owner for one in asked} == {strategy.owner}


def test_the_same_change_asks_for_the_same_actions_of_a_day_of_its_own():
    change = level_change(changed_at="2026-03-01T12:00:00+08:00")

    first, again = actions_of(change, ID, COPING[Level.HIGH]), actions_of(change, ID, COPING[Level.HIGH])

    assert first == again
    assert first[0].due_at == datetime.fromisoformat("2026-03-08T04:00:00+00:00")


def test_a_level_without_a_strategy_asks_for_nothing():
    assert actions_of(level_change(), ID, None) == []
