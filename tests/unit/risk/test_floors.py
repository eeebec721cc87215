from dataclasses import replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.risk.floors import Check, floor_at, floors_of, noted, open_floors
from sealwatch.risk.policy import Level
from tests.unit.risk.given import DAY, NOON, POLICY, checked

LIMITS = POLICY.thresholds
CHECKS = st.builds(
    Check,
    st.sampled_from(["GB 1", "GB 2"]),
    st.sampled_from(["lead", "arsenic"]),
    st.integers(NOON - 400 * DAY, NOON),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("checks", "level"),
    [
        ([], Level.NOT_ASSESSED),
        ([checked(failed=False)], Level.NOT_ASSESSED),
        ([checked(failed=True)], Level.HIGH),
        ([checked(failed=True, at=NOON - DAY), checked(failed=False)], Level.NOT_ASSESSED),
        ([checked(failed=True), checked(failed=False)], Level.HIGH),
        ([checked(failed=True), checked(failed=False, at=NOON - DAY)], Level.HIGH),
        ([checked(failed=True, at=NOON - DAY), checked(failed=False, of="arsenic")], Level.HIGH),
        ([checked(failed=True, at=NOON - 365 * DAY)], Level.HIGH),
        ([checked(failed=True, at=NOON - 365 * DAY - 1)], Level.NOT_ASSESSED),
    ],
)
def test_a_failed_clause_stays_high_until_a_later_sample_of_it_passes(checks, level):
    assert floor_at(floors_of(checks), NOON, LIMITS) is level


def test_the_level_of_a_floor_is_the_policys():
    limits = replace(LIMITS, floor=Level.SERIOUS)

    assert floor_at(floors_of([checked(failed=True)]), NOON, limits) is Level.SERIOUS


def test_what_holds_a_floor_is_named():
    floors = floors_of([checked(failed=True), checked(failed=False, of="arsenic")])

    assert open_floors(floors, NOON, LIMITS) == [("GB 1", "lead")]


@given(checks=st.lists(CHECKS, max_size=12), data=st.data())
def test_neither_order_nor_repeats_matter_and_one_by_one_is_all_at_once(checks, data):
    shuffled = data.draw(st.permutations([*checks, *checks[:3]]))

    one_by_one = reduce(noted, shuffled, {})

    assert one_by_one == floors_of(checks)
    assert list(one_by_one) == sorted(one_by_one)


@given(checks=st.lists(CHECKS, max_size=12), clause=st.sampled_from([("GB 1", "lead"), ("GB 2", "arsenic")]))
def test_the_newest_date_of_each_kind_is_kept(checks, clause):
    dates = floors_of(checks).get(clause, (0, 0))

    own = [check for check in checks if (check.standard, check.indicator) == clause]
    assert dates[0] == max((check.at for check in own if check.failed), default=0)
    assert dates[1] == max((check.at for check in own if not check.failed), default=0)
