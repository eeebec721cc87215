import dataclasses
from copy import deepcopy
from datetime import date

import pytest
from msgspec.structs import replace

from sealwatch.risk.policy import Level
from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Known, walk
from sealwatch.shell.policy_documents import load_version, version_in
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.store import Position
from tests.factories import NOON_MS, inspection, received

BASE = load_version()
TODAY = date(2026, 3, 1)
DAY = 86_400


def with_harm(probability, version="2026.3"):
    scenarios = deepcopy(list(BASE.document["scenarios"]))
    for scenario in scenarios:
        scenario["steps"]["harm given use"] = probability
    return version_in({**BASE.document, "scenarios": scenarios, "version": version}).policy


def product(passes, failures):
    bodies = [inspection(event_id=f"lot-{n}", failed=n >= passes) for n in range(passes + failures)]
    records = [received(body, n, NOON_MS) for n, body in enumerate(bodies)]
    poll = polled(map(read, records), {0: Position(0)}, {})
    return walk(Known({}), poll.arrivals, BASE.policy).products["P1"]


@pytest.mark.parametrize(
    ("harm", "before", "after"),
    [(0.2, Level.MEDIUM, Level.HIGH), (0.0001, Level.MEDIUM, Level.LOW)],
)
def test_a_new_policy_decides_at_once_in_both_directions(harm, before, after):
    [moved], [change] = redecided([product(3, 1)], TODAY, with_harm(harm))

    assert (Level(change.before), moved.standing.level) == (before, after)
    assert (change.reason, change.at) == ("redecided", 1_772_409_600)


def test_a_product_that_stays_is_returned_too_so_that_it_names_the_new_version():
    standing = product(3, 1)

    found, changes = redecided([standing], TODAY, with_harm(0.01))

    assert (found, changes) == ([standing], [])


def test_nothing_known_stays_nothing_known():
    found, changes = redecided([Product("P1", 0)], TODAY, with_harm(0.2))

    assert ([one.standing.level for one in found], changes) == ([Level.NOT_ASSESSED], [])


def test_adopting_again_finds_nothing_left_to_move():
    policy = with_harm(0.2)
    once, _ = redecided([product(3, 1)], TODAY, policy)

    assert redecided(once, TODAY, policy) == (once, [])


def test_ids_of_changes_are_those_of_the_version_and_the_day():
    one, same, other = [
        redecided([product(3, 1)], TODAY, with_harm(0.2, version))[1][0].uid for version in ("B", "B", "C")
    ]

    assert one == same != other


@pytest.mark.parametrize(("days", "stale"), [(1, False), (0, True)])
def test_evidence_is_stale_or_fresh_by_the_new_limits(days, stale):
    yesterday = replace(product(3, 1), newest_at=1_772_409_600 - DAY - 1, stale=not stale)
    policy = with_harm(0.01)
    limits = policy.thresholds
    short = dataclasses.replace(limits, fresh_days=1 + days, fresh_days_monitored=1)

    [found], _ = redecided([yesterday], TODAY, dataclasses.replace(policy, thresholds=short))

    assert found.stale is stale
