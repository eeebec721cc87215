import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.risk.explanation import explain
from sealwatch.risk.flips import Scene
from sealwatch.risk.levels import Standing
from sealwatch.scoring.weightiest import Behind, weightiest
from tests.unit.risk.given import DAY, NOON, POLICY, checked, counted, goods, seen, state_of


def behind(number, *said):
    return Behind(bytes([number] * 16), "inspection.reported.v1", "lims", NOON, said)


def test_the_heaviest_comes_first_by_age_and_by_source():
    half_life = POLICY.half_lives["COPY"]
    old, web = seen(0, 3, at=NOON - half_life), seen(0, 3, by="web")

    found, count = weightiest([behind(1, old), behind(2, web), behind(3, seen(1, 2))], POLICY, NOON)

    assert [one.event.uid[0] for one in found] == [3, 1, 2]
    assert [one.weight for one in found] == pytest.approx([2, 1.5, 3 * POLICY.source_weights["web"]])
    assert count == 3


def test_ten_are_listed_and_all_are_counted():
    found, count = weightiest([behind(n, seen(0, n)) for n in range(1, 31)], POLICY, NOON)

    assert ([one.trials for one in found], count) == ([*map(float, range(30, 20, -1))], 30)


def test_checks_and_evidence_without_weight_are_not_counted():
    found, count = weightiest(
        [behind(1, checked(failed=True)), behind(2, seen(0, 0)), behind(3)], POLICY, NOON
    )

    assert (found, count) == ([], 0)


def test_incidents_weigh_by_their_days_and_by_their_number_where_there_are_none():
    found, _ = weightiest([behind(1, counted(2, 30)), behind(2, counted(3, 0))], POLICY, NOON)

    assert [(one.counted, one.failures, one.weight) for one in found] == [(True, 2, 30), (True, 3, 3)]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(2, 9), st.integers(0, 400)), min_size=1, max_size=9))
def test_the_weights_of_all_events_are_the_trials_of_the_sums(lots):
    pieces = [seen(failures, trials, at=NOON - age * DAY) for failures, trials, age in lots]
    scene = Scene(Standing(), state_of(*pieces), goods(3), POLICY, NOON)

    found, _ = weightiest([behind(n, piece) for n, piece in enumerate(pieces)], POLICY, NOON)

    [source] = explain(scene).sources
    assert sum(one.weight for one in found) == pytest.approx(source.weight * source.trials)
