from dataclasses import replace

import pytest

from sealwatch.risk.freshness import is_stale
from sealwatch.risk.state import EMPTY
from tests.unit.risk.given import DAY, NOON, POLICY, counted, seen, state_of

LABORATORY = state_of(seen(0, 1))
POINT = state_of(seen(0, 1, of="STAB", by="monitoring_point"), seen(0, 9))
SIDES = replace(POLICY, targeted_of={"point, by no plan": "monitoring_point"})
COUNTING_POINT = state_of(counted(0, 30, by="monitoring_point"))


@pytest.mark.parametrize(
    ("state", "age", "stale"),
    [
        (LABORATORY, 31, False),
        (LABORATORY, 365, False),
        (LABORATORY, 366, True),
        (POINT, 30, False),
        (POINT, 31, True),
        (COUNTING_POINT, 31, True),
    ],
)
def test_evidence_is_stale_after_the_limit_and_sooner_where_points_report(state, age, stale):
    assert is_stale(NOON - age * DAY, state, POLICY, NOON) is stale


def test_a_point_reports_on_its_targeted_side_too():
    assert is_stale(NOON - 31 * DAY, state_of(seen(0, 1, by="point, by no plan")), SIDES, NOON)


def test_without_evidence_there_is_nothing_to_be_stale():
    assert not is_stale(None, EMPTY, POLICY, NOON)
