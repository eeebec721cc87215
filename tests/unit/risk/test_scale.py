import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.risk.matrix import beginning_of, level_at
from sealwatch.risk.policy import GRADED, Level
from sealwatch.risk.scale import BAND, either, index_of, unclipped
from tests.unit.risk.given import POLICY

MATRIX = POLICY.matrix
CHANCES = st.floats(0, 1)
SEVERITIES = st.integers(1, 4)


@pytest.mark.parametrize(
    ("p", "severity", "index", "level"),
    [
        (0.01, 2, 75, Level.HIGH),
        (0.0099, 2, 74.89, Level.HIGH),
        (1 / 500, 1, 7.53, Level.LOW),
        (1 / 500, 2, 57.53, Level.HIGH),
        (1 / 6000, 3, 55.55, Level.HIGH),
        (27 / 160_000, 4, 80.68, Level.SERIOUS),
        (0.55, 1, 68.51, Level.HIGH),
        (0.3, 1, 50, Level.MEDIUM),
        (2e-6, 4, 32.53, Level.MEDIUM),
        (0.03, 3, 100, Level.SERIOUS),
        (0, 4, 0, Level.LOW),
        (1, 1, 75, Level.HIGH),
    ],
)
def test_vector_t1_of_the_index(p, severity, index, level):
    assert index_of(p, severity, MATRIX) == pytest.approx(index, abs=0.005)
    assert level_at(p, severity, MATRIX) is level


@pytest.mark.parametrize(("rate", "index"), [(0.022, 41.1), (0.10, 57.5), (0.60, 77.0)])
def test_failure_rates_of_the_shipped_steps_at_severity_3(rate, index):
    assert index_of(rate * 0.002, 3, MATRIX) == pytest.approx(index, abs=0.05)


@pytest.mark.parametrize(
    ("level", "severity", "begins"),
    [
        (Level.LOW, 1, 0.0),
        (Level.MEDIUM, 1, 0.01),
        (Level.SERIOUS, 1, 1.0),
        (Level.MEDIUM, 2, 0.0001),
        (Level.MEDIUM, 3, 0.00001),
        (Level.HIGH, 3, 0.0001),
        (Level.SERIOUS, 3, 0.001),
        (Level.SERIOUS, 4, 0.0001),
    ],
)
def test_levels_begin_where_the_matrix_says(level, severity, begins):
    assert beginning_of(level, severity, MATRIX) == begins


@given(p=CHANCES, severity=SEVERITIES)
def test_the_matrix_decides_and_the_index_stays_in_its_band(p, severity):
    level = level_at(p, severity, MATRIX)

    assert BAND * (level - 1) <= index_of(p, severity, MATRIX) <= BAND * level


@given(low=CHANCES, high=CHANCES, severity=SEVERITIES)
def test_the_index_never_falls_as_harm_grows(low, high, severity):
    low, high = sorted((low, high))

    assert index_of(low, severity, MATRIX) <= index_of(high, severity, MATRIX)


@given(p=CHANCES, severity=SEVERITIES, level=st.sampled_from(GRADED[1:]))
def test_a_level_holds_above_where_it_begins_and_nowhere_else(p, severity, level):
    assert (level_at(p, severity, MATRIX) >= level) == (p > beginning_of(level, severity, MATRIX))


def test_an_order_of_magnitude_is_kept_unclipped_for_ranking():
    assert unclipped(0.03, 3) == pytest.approx(1.477, abs=0.001)
    assert unclipped(0.1, 1) == pytest.approx(-1)
    assert unclipped(0, 4) is None


def test_one_cause_is_its_own_probability_to_the_bit():
    assert either([0.1]) == 0.1


def test_independent_causes_combine():
    assert either([0.1, 0.2]) == pytest.approx(0.28)
    assert either([1e-18, 1e-18]) == pytest.approx(2e-18)
    assert either([0.3, 1.0]) == 1.0


def test_causes_that_never_harm_have_a_probability_of_0_and_not_of_minus_0():
    assert str(either([0.0, 0.0])) == "0.0"
