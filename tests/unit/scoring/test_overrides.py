from datetime import date, timedelta

import pytest

from sealwatch.risk.policy import Level
from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.step import Known, walk
from sealwatch.scoring.sweep import sweep
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.store import Position
from tests.factories import NOON, NOON_MS, inspection, override, received

POLICY = load_policy(None)
TODAY = date(2026, 3, 1)
SOON, LATER = NOON + timedelta(hours=6), NOON + timedelta(days=2)


def walked(*bodies):
    records = [received(body, n, NOON_MS + n) for n, body in enumerate(bodies)]
    return walk(Known({}), polled(map(read, records), {0: Position(0)}, {}).arrivals, POLICY)


def told(changes):
    return [(change.reason, change.before.word, change.product.level.word) for change in changes]


def test_a_word_is_the_level_in_force_and_leaves_the_model_as_it_is():
    done = walked(inspection(), override(level="serious"))

    product = done.products["P1"]
    assert (product.level, product.standing.level) == (Level.SERIOUS, Level.MEDIUM)
    assert told(done.changes)[1:] == [("overridden", "medium", "serious")]


def test_what_the_model_decides_beneath_a_word_is_told_to_nobody():
    grave = inspection(event_id="lot-2", failed=True)
    grave["items"][0] |= {"failures": 60, "trials": 60}

    done = walked(inspection(), override(level="low"), grave)

    product = done.products["P1"]
    assert (product.level, product.standing.level, product.changes) == (Level.LOW, Level.SERIOUS, 2)
    assert told(done.changes)[1:] == [("overridden", "medium", "low")]


def test_a_word_for_the_level_that_holds_anyway_changes_nothing():
    done = walked(inspection(), override(level="medium"))

    assert (done.products["P1"].override.level, len(done.changes)) == (Level.MEDIUM, 1)


def test_a_word_that_is_taken_back_gives_the_model_its_level_again():
    done = walked(inspection(), override(), override(revision=2, level=None))

    assert done.products["P1"].override is None
    assert told(done.changes)[1:] == [
        ("overridden", "medium", "serious"),
        ("override_ended", "serious", "medium"),
    ]


def test_an_older_word_that_comes_late_changes_nothing():
    done = walked(inspection(), override(revision=2, level=None), override(revision=1))

    assert (done.products["P1"].override, len(done.changes)) == (None, 1)


def test_a_word_that_arrives_after_its_end_never_begins():
    done = walked(inspection(), override(expires_at=NOON - timedelta(days=1)))

    assert (done.products["P1"].override, len(done.changes)) == (None, 1)


def test_a_word_covers_a_product_of_which_nothing_is_known():
    done = walked(override(level="high"))

    assert told(done.changes) == [("overridden", "not_assessed", "high")]
    assert done.products["P1"].standing.level is Level.NOT_ASSESSED


@pytest.mark.parametrize(("end", "days"), [(SOON, 0), (LATER, 2), (NOON + timedelta(hours=12), 0)])
def test_a_word_is_gone_at_the_first_sweep_after_its_end(end, days):
    product = walked(inspection(), override(expires_at=end)).products["P1"]
    last = TODAY + timedelta(days=days)

    before, early = sweep([product], TODAY, last - timedelta(days=1), POLICY)
    [after], changes = sweep([product], TODAY, last, POLICY)

    assert (before, early) == ([], [])
    assert (after.override, told(changes)) == (None, [("override_ended", "serious", "medium")])


def test_sweeping_day_by_day_or_at_once_ends_a_word_alike():
    product = walked(inspection(), override(expires_at=LATER)).products["P1"]
    at_once, changes = sweep([product], TODAY, TODAY + timedelta(days=20), POLICY)

    each = []
    for day in range(21):
        found, moved = sweep([product], TODAY + timedelta(days=day), TODAY + timedelta(days=day), POLICY)
        product = found[0] if found else product
        each += moved

    assert [product] == at_once
    assert [change.uid for change in each] == [change.uid for change in changes]


def test_a_word_outlives_the_adoption_of_a_policy_and_ends_at_one():
    product = walked(inspection(), override(expires_at=LATER)).products["P1"]

    [kept], none = redecided([product], TODAY, POLICY)
    [ended], changes = redecided([product], TODAY + timedelta(days=2), POLICY)

    assert (kept.level, none) == (Level.SERIOUS, [])
    assert (ended.override, told(changes)) == (None, [("override_ended", "serious", "medium")])


def test_an_index_is_told_again_when_a_word_comes_or_goes():
    product = walked(inspection(), override()).products["P1"]

    assert product.told_on is None
