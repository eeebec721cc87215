"""Whatever the proof accepts can be scored with, and whatever it refuses is refused with a reason."""

from dataclasses import replace
from itertools import pairwise
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.errors import Misconfigured
from sealwatch.risk.index import assess
from sealwatch.risk.matrix import beginning_of, level_at
from sealwatch.risk.policy import GRADED, Level, Matrix, Prior
from sealwatch.risk.proof import LEAST, prove
from sealwatch.risk.yardstick import yardstick
from tests.unit.risk.given import NOON, POLICY, goods, seen, state_of

CHANCES = some.floats(min_value=0, max_value=1)
SEVERITIES = some.integers(1, 4)


@some.composite
def matrices(draw, columns):
    """Draw a total and monotone matrix: every cell the gravest of all that are nowhere graver."""
    width = draw(columns)
    bounds = sorted(draw(some.sets(some.floats(1e-12, 0.999), max_size=9)), reverse=True)
    cells = some.lists(some.sampled_from(GRADED), min_size=width, max_size=width)
    raw = draw(some.lists(cells, min_size=len(bounds) + 1, max_size=len(bounds) + 1))
    rows = [
        tuple(max(level for below in raw[place:] for level in below[: column + 1]) for column in range(width))
        for place in range(len(raw))
    ]
    return Matrix("own", "Order 1", "A. Person", indexed=False, bounds=tuple(bounds), rows=tuple(rows))


def with_steps(chances):
    steps = {f"step {n}": chance for n, chance in enumerate(chances)}
    return replace(POLICY, scenarios=tuple(replace(one, steps=steps) for one in POLICY.scenarios))


def refusal(policy):
    try:
        prove(policy)
    except Misconfigured as error:
        return str(error)
    return ""


@given(matrices(some.integers(4, 8)), SEVERITIES, CHANCES)
def test_a_matrix_of_any_size_is_proven_and_read_the_same_both_ways(matrix, severity, p):
    prove(replace(POLICY, matrix=matrix))

    begun = [level for level in GRADED if p > beginning_of(level, severity, matrix)]

    assert max(begun, default=level_at(0.0, severity, matrix)) == level_at(p, severity, matrix)


@given(matrices(some.integers(4, 8)), SEVERITIES, some.integers(0, 50))
def test_a_product_has_a_level_in_a_matrix_of_any_size(matrix, severity, failures):
    own = replace(POLICY, matrix=matrix)
    evidence = [seen(min(n, failures) - min(n - 1, failures), 1) for n in range(1, 51)]

    found = assess(state_of(*evidence), goods(severity), own, NOON)

    assert (found.indicated in GRADED, found.index) == (True, None)


@given(matrices(some.integers(1, 3)))
def test_a_matrix_without_a_column_for_some_goods_is_refused_however_it_is_filled(matrix):
    with pytest.raises(Misconfigured, match="a column for each severity class 1 to 4"):
        prove(replace(POLICY, matrix=matrix))


@given(matrices(some.integers(4, 8)), some.data())
def test_a_matrix_that_steps_back_in_one_cell_is_refused(matrix, data):
    row = data.draw(some.integers(0, len(matrix.rows) - 1))
    worst = (Level.SERIOUS, *matrix.rows[row][1:-1], Level.LOW)
    broken = replace(matrix, rows=(*matrix.rows[:row], worst, *matrix.rows[row + 1 :]))

    with pytest.raises(Misconfigured, match="a graver severity never has a lower level"):
        prove(replace(POLICY, matrix=broken))


@given(some.lists(some.floats(5e-324, 1e-50) | some.floats(1e-30, 1), min_size=1, max_size=8))
def test_steps_are_refused_exactly_where_their_product_is_too_small(chances):
    own = with_steps(chances)

    reason = refusal(own)

    assert ("the steps multiply to less than 1e-100" in reason) == (own.scenarios[0].probability < LEAST)


@given(some.lists(some.floats(4e-13, 1), min_size=1, max_size=8), SEVERITIES)
def test_with_steps_that_pass_every_rate_and_index_can_be_computed(chances, severity):
    own = with_steps(chances)
    prove(own)

    rates = [rate for one in yardstick(own, goods(severity)).measures.values() for rate in one.rates]
    found = assess(state_of(seen(1, 2)), goods(severity), own, NOON)

    assert all(map(isfinite, rates))
    assert 0 < found.p_harm <= 1
    assert 0 <= found.ri05 <= found.ri50 <= found.ri95 <= 100


@given(some.floats(5e-324, 1, exclude_max=True), some.floats(5e-324, 1e6))
def test_a_prior_is_refused_exactly_where_one_of_its_sides_is_too_small(mean, trials):
    own = replace(POLICY, priors=replace(POLICY.priors, usual=Prior(mean, trials), by_severity={}))

    reason = refusal(own)

    assert ("of 1e-100 or more" in reason) == (trials * min(mean, 1 - mean) < LEAST)


@given(matrices(some.integers(4, 4)), SEVERITIES)
def test_levels_begin_no_earlier_than_the_ones_below(matrix, severity):
    begins = [beginning_of(level, severity, matrix) for level in GRADED]

    assert all(lower <= higher for lower, higher in pairwise(begins))
