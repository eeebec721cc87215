"""What the rest of the system hears of a level change."""

from math import isclose

from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Level
from sealwatch.scoring.step import Known, walk
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.news import news_of
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON_MS, inspection, received

POLICY = load_policy(None)


def told(lots):
    bodies = [inspection(event_id=f"lot-{n}", failed=failed) for n, failed in enumerate(lots)]
    records = [received(body, n, NOON_MS + n * DAY_MS) for n, body in enumerate(bodies)]
    arrivals = polled(map(read, records), {0: Position(0)}, {}).arrivals
    news = news_of(walk(Known({}), arrivals, POLICY).changes, POLICY)
    return [LevelChanged.model_validate_json(record.value) for _, record in news]


def test_a_warning_says_between_what_bounds_its_index_is_and_what_it_is_made_of():
    newest = told([True] * 4)[-1]

    assert Level[newest.after.upper()] > Level[newest.start_level.upper()]
    assert newest.index_p05 <= newest.index <= newest.index_p95
    assert newest.index_p05 < newest.index_p95
    assert newest.shares[0].factor == newest.main_factor
    assert isclose(sum(share.points for share in newest.shares), newest.index, abs_tol=0.001)


def test_a_first_sight_that_nobody_is_warned_of_goes_without():
    first = told([False])[0]

    assert (first.before, first.after) == ("not_assessed", first.start_level)
    assert (first.index_p05, first.index_p95, first.shares) == (None, None, ())
