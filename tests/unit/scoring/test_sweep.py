from datetime import date, timedelta

from sealwatch.risk.policy import Level
from sealwatch.scoring.step import Known, walk
from sealwatch.scoring.sweep import sweep
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.store import Position
from tests.factories import NOON_MS, inspection, received

POLICY = load_policy(None)
TODAY = date(2026, 3, 1)


def after_passes(count):
    bodies = [inspection(event_id=f"lot-{n}") for n in range(count)]
    records = [received(body, n, NOON_MS) for n, body in enumerate(bodies)]
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
