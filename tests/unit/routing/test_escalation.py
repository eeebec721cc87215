"""What is due of a chain that nobody acknowledges, at any instant."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.routing.escalation import DEADLINES, Chain, Deed, End, Kind, Patience, Rung, Step, asks, due
from sealwatch.routing.notice import HIGH, SERIOUS
from tests.factories import NOON, level_change

SECOND = timedelta(seconds=1)
LADDER = (Rung("county", reachable=True), Rung("city", reachable=True), Rung("province", reachable=True))
CHAIN = Chain(SERIOUS, NOON, LADDER)
FIRST = NOON + DEADLINES[SERIOUS].remind_after
CLIMB = DEADLINES[SERIOUS].climb_after


def walk(chain, every=SECOND * 60, turns=200):
    """Return what is done, by whom it is heard, minute by minute."""
    done, now = [], NOON
    for _ in range(turns):
        deed = due(now, chain)
        done.extend((now - NOON, step.kind, step.office) for step in deed.steps)
        if deed.steps:
            chain = replace(chain, last_at=now, made=(*chain.made, *(one.office for one in deed.steps)))
        if deed.end:
            return done, deed.end
        now += every
    return done, None


def test_nothing_is_due_one_second_before_the_deadline():
    assert due(FIRST - SECOND, CHAIN) == Deed(next_at=FIRST)


def test_at_the_deadline_the_office_is_reminded():
    assert due(FIRST, CHAIN) == Deed((Step(Kind.REMINDER, "county"),), next_at=FIRST + CLIMB)


def test_then_the_offices_above_are_told_one_after_the_other_until_the_top():
    done, end = walk(CHAIN)

    minutes = [(int(at.total_seconds() // 60), kind, office) for at, kind, office in done]
    assert minutes == [
        (15, Kind.REMINDER, "county"),
        (30, Kind.ESCALATED, "city"),
        (45, Kind.ESCALATED, "province"),
    ]
    assert end is End.TOP


@pytest.mark.parametrize("made", [(), ("county",), ("county", "city")])
def test_an_acknowledgement_one_second_before_any_step_stops_it(made):
    pause = CLIMB if made else DEADLINES[SERIOUS].remind_after
    chain = replace(CHAIN, made=made)

    unseen = due(NOON + pause, chain)
    seen = due(NOON + pause, replace(chain, acknowledged_at=NOON + pause - SECOND))

    assert len(unseen.steps) == 1
    assert seen == Deed(end=End.ACKNOWLEDGED)


def test_an_acknowledgement_of_the_future_stops_nothing_yet():
    chain = replace(CHAIN, acknowledged_at=FIRST + SECOND)

    assert due(FIRST, chain).steps == (Step(Kind.REMINDER, "county"),)


def test_offices_that_cannot_be_told_are_recorded_and_take_no_time():
    ladder = (Rung("county", reachable=True), Rung("city", reachable=False), LADDER[2])
    chain = replace(CHAIN, ladder=ladder, made=("county",))

    deed = due(NOON + CLIMB, chain)

    assert deed.steps == (Step(Kind.UNREACHABLE, "city"), Step(Kind.ESCALATED, "province"))
    assert deed.end is End.TOP


def test_an_office_without_one_above_it_is_reminded_once():
    assert walk(replace(CHAIN, ladder=LADDER[:1])) == (
        [(timedelta(minutes=15), Kind.REMINDER, "county")],
        End.TOP,
    )


def test_after_an_outage_one_step_is_made_and_the_next_waits_its_time():
    late = FIRST + timedelta(hours=5)

    assert due(late, CHAIN) == Deed((Step(Kind.REMINDER, "county"),), next_at=late + CLIMB)


def test_a_product_that_is_no_longer_at_such_a_level_is_left_alone():
    assert due(FIRST, replace(CHAIN, level_now=HIGH - 1)) == Deed(end=End.OVERTAKEN)


def test_an_office_that_moved_to_another_place_in_the_tree_is_not_told_twice():
    moved = (LADDER[0], LADDER[2], LADDER[1])
    chain = replace(CHAIN, ladder=moved, made=("county", "city"))

    assert due(NOON + CLIMB, chain).steps == (Step(Kind.ESCALATED, "province"),)


@pytest.mark.parametrize(
    ("before", "after", "asked"),
    [
        ("low", "serious", True),
        ("low", "high", True),
        ("high", "serious", True),
        ("serious", "high", False),
        ("low", "medium", False),
        ("serious", "not_assessed", False),
    ],
)
def test_only_rises_to_high_and_serious_ask_for_an_acknowledgement(before, after, asked):
    assert asks(level_change(before=before, after=after)) is asked


@given(
    reachable=st.lists(st.booleans(), min_size=1, max_size=8),
    every=st.integers(min_value=1, max_value=3_000),
)
def test_however_the_clock_ticks_each_office_is_told_at_most_once_and_in_order(reachable, every):
    ladder = [Rung(str(place), reachable=one) for place, one in enumerate(reachable)]
    done, end = walk(replace(CHAIN, ladder=ladder), every=timedelta(seconds=every), turns=10_000)

    offices = [office for _, _, office in done]
    told = [office for _, kind, office in done if kind is not Kind.UNREACHABLE]
    assert offices == sorted(set(offices))
    assert told == [rung.office for rung in ladder if rung.reachable]
    assert end is End.TOP


def test_the_spans_of_an_organisation_take_the_place_of_the_usual_ones():
    rules = {SERIOUS: Patience(SECOND * 60, SECOND * 300)}

    early = due(NOON + SECOND * 59, CHAIN, rules)
    first = due(NOON + SECOND * 60, CHAIN, rules)

    assert early == Deed(next_at=NOON + SECOND * 60)
    assert first == Deed((Step(Kind.REMINDER, "county"),), next_at=NOON + SECOND * 360)
