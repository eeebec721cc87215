from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sealwatch.risk.case import case_of
from sealwatch.risk.policy import Level
from sealwatch.scoring.step import Known, walk
from sealwatch.scoring.sweep import midnight_after, silent_since, sweep
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.store import Position
from tests.factories import NOON_MS, READERS, heard, inspection, received

POLICY = load_policy(None)
TODAY = date(2026, 3, 1)


def after_passes(count):
    return after(*[received(inspection(event_id=f"lot-{n}"), n, NOON_MS) for n in range(count)])


def after(*records):
    return walk(Known({}), polled(map(read, records), {0: Position(0)}, {}).arrivals, POLICY).products["P1"]


def test_a_level_that_evidence_left_is_lowered_after_fourteen_days_and_no_sooner():
    product = after_passes(30)

    thirteen, _ = sweep([product], TODAY, TODAY + timedelta(days=12), POLICY)
    fourteen, changes = sweep([product], TODAY, TODAY + timedelta(days=13), POLICY)

    assert [p.standing.level for p in thirteen] in ([], [Level.MEDIUM])
    assert [p.standing.level for p in fourteen] == [Level.LOW]
    assert [change.reason for change in changes] == ["lowered"]


def test_sweeping_day_by_day_or_at_once_ends_alike():
    product = after_passes(30)
    at_once, _ = sweep([product], TODAY, TODAY + timedelta(days=20), POLICY)

    for day in range(21):
        changed, _ = sweep([product], TODAY + timedelta(days=day), TODAY + timedelta(days=day), POLICY)
        product = changed[0] if changed else product

    assert [product] == at_once


def test_a_product_at_low_is_not_touched_while_its_evidence_is_fresh():
    product = after_passes(30)
    (low,), _ = sweep([product], TODAY, TODAY + timedelta(days=20), POLICY)

    assert sweep([low], TODAY, TODAY + timedelta(days=364), POLICY) == ([], [])


def test_a_silent_product_is_marked_stale_once_and_keeps_its_level():
    product = after_passes(30)
    (low,), _ = sweep([product], TODAY, TODAY + timedelta(days=20), POLICY)

    (stale,), changes = sweep([low], TODAY, TODAY + timedelta(days=365), POLICY)

    assert (stale.stale, stale.standing, changes) == (True, low.standing, [])
    assert sweep([stale], TODAY, TODAY + timedelta(days=4000), POLICY) == ([], [])


def case_after(product, days):
    at = midnight_after(TODAY + timedelta(days=days))
    return case_of(product.state, product.facts(POLICY), POLICY, at)


def swept_from_day_to_day(product, days):
    """Return the level after each midnight, and the changes."""
    levels, noted = [], []
    for number in range(days):
        day = TODAY + timedelta(days=number)
        found, changes = sweep([product], day, day, POLICY)
        [product] = found or [product]
        levels.append(product.standing.level)
        noted += changes
    return levels, noted


@pytest.mark.parametrize("trials", [10, 100_000], ids=["while fresh", "when stale"])
def test_low_on_opinion_alone_ends_fourteen_days_after_the_opinion_faded_below_a_trial(trials):
    product = after(received(heard(trials=trials), sender=READERS))

    levels, changes = swept_from_day_to_day(product, 600)

    faded = next(n for n in range(600) if not case_after(product, n).assessable)
    fall = POLICY.thresholds.fall_after_days
    assert levels.index(Level.NOT_ASSESSED) == faded + fall
    assert [change.reason for change in changes] == ["lowered", "withdrawn"]


def test_low_on_opinion_beside_a_trial_is_held_however_old_both_are():
    product = after(received(heard(), sender=READERS), received(inspection(event_id="lot-2"), 1))
    (low,), _ = sweep([product], TODAY, TODAY + timedelta(days=20), POLICY)

    assert swept_from_day_to_day(low, 700) == ([Level.LOW] * 700, [])


def test_a_time_that_no_calendar_holds_is_swept_with_as_a_century():
    limits = replace(POLICY.thresholds, fresh_days=10**30, fresh_days_monitored=999_999)
    endless = replace(POLICY, thresholds=limits)

    swept, _ = sweep([after_passes(30)], TODAY, TODAY + timedelta(days=400), endless)

    assert silent_since(TODAY, endless) == datetime(1926, 3, 2, tzinfo=UTC)
    assert [product.stale for product in swept] == [False]
