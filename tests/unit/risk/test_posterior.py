import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.posterior import (
    chance_above,
    chance_of_more,
    chance_within,
    chances_above,
    per_day_of,
    quantiles,
    quantiles_per_day,
    reaches,
    within,
)

SHAPES = st.floats(0.05, 500)


def test_vector_t2_of_a_posterior():
    ((q05, q50, q95),) = quantiles([2.25], [9.50], (0.05, 0.5, 0.95))

    assert (q05, q50, q95) == pytest.approx((0.044504, 0.173711, 0.399646), abs=5e-7)


def test_vector_t5_of_quantiles():
    assert quantiles([3.5], [97.5], (0.05, 0.95)) == [pytest.approx([0.010915, 0.068757], abs=5e-7)]


def test_vector_t5_of_a_bound_without_a_prior():
    assert quantiles([1], [80], (0.95,)) == [pytest.approx([0.036754], abs=5e-7)]


def test_vector_t5_of_gamma_quantiles():
    ((q05, q95), (_, other)) = quantiles_per_day([14, 0.5], [5, 5], (0.05, 0.95))

    assert (q05, q95) == pytest.approx((1.6927875, 4.13371382), abs=5e-8)
    assert other == pytest.approx(0.38414588, abs=5e-9)


def test_vector_t5_of_a_predicted_count():
    """P(Y <= q) of a negative binomial is the chance that Beta(size, q + 1) stays below its p."""
    chances = [1 - chance_above(18.5, q + 1, 18 / 19) for q in range(5)]

    assert [chance >= 0.95 for chance in chances] == [False, False, False, True, True]


@pytest.mark.parametrize(("shape", "rate", "horizon"), [(0.3, 300, 30), (14, 5, 30), (2, 1e6, 30)])
def test_the_chance_of_an_incident_is_the_mean_over_all_rates(shape, rate, horizon):
    grid = quantiles_per_day([shape], [rate], [(n + 0.5) / 20_000 for n in range(20_000)])[0]

    mean = sum(within(per_day, horizon) for per_day in grid) / len(grid)

    assert chance_within(shape, rate, horizon) == pytest.approx(mean, rel=1e-3)


@given(shape=SHAPES, rate=st.floats(0.05, 5000), level=st.sampled_from([0.05, 0.5, 0.95]))
def test_quantiles_and_chances_of_incidents_agree(shape, rate, level):
    ((quantile,),) = quantiles_per_day([shape], [rate], [level])

    assert chance_of_more(shape, rate, quantile) == pytest.approx(1 - level, rel=1e-6)


@given(per_day=st.floats(1e-9, 0.5))
def test_rate_and_probability_of_a_horizon_lead_back_to_each_other(per_day):
    assert per_day_of(within(per_day, 30), 30) == pytest.approx(per_day, rel=1e-6)


def test_incidents_surely_exceed_none_a_day():
    assert chance_of_more(0.3, 300, 0.0) == 1.0


@pytest.mark.parametrize(
    ("failures", "trials", "medium", "high"),
    [(0, 0, 0.56, 0.19), (1, 1, 0.98, 0.73), (2, 10, 1.0, 0.83), (2, 30, 0.99, 0.50)],
)
def test_chances_of_the_levels_at_severity_3(failures, trials, medium, high):
    alpha, beta = 0.3 + failures, 9.7 + trials - failures

    assert chance_above(alpha, beta, 0.005) == pytest.approx(medium, abs=0.005)
    assert chance_above(alpha, beta, 0.05) == pytest.approx(high, abs=0.005)


def test_six_clean_trials_at_severity_3_are_just_below_one_half():
    assert 0.49 < chance_above(0.3, 15.7, 0.005) < 0.5


@pytest.mark.parametrize(
    ("alpha", "beta", "rate", "chance"),
    [(18.3, 11.7, 0.5, 0.89), (2.3, 107.7, 0.005, 0.94), (9.3, 100.7, 0.05, 0.92)],
)
def test_chances_of_severe_evidence(alpha, beta, rate, chance):
    assert chance_above(alpha, beta, rate) == pytest.approx(chance, abs=0.005)


def test_a_rate_is_surely_above_nothing_and_never_above_one():
    assert chance_above(0.3, 9.7, 0.0) == 1.0
    assert chance_above(0.3, 9.7, 1.0) == 0.0
    assert chances_above([0.3, 0.3], [9.7, 9.7], [0.0, 500.0]) == [1.0, 0.0]


@given(alpha=SHAPES, beta=SHAPES, rate=st.floats(0, 1))
def test_one_and_many_give_the_same_chance(alpha, beta, rate):
    assert chances_above([alpha], [beta], [rate]) == [chance_above(alpha, beta, rate)]


@given(alpha=SHAPES, beta=SHAPES, rate=st.floats(0, 1), chance=st.sampled_from([0.5, 0.8, 0.95]))
@settings(max_examples=500)
def test_the_short_cut_answers_as_the_function_does(alpha, beta, rate, chance):
    assert reaches(alpha, beta, rate, chance) == (chance_above(alpha, beta, rate) >= chance)


@given(
    alpha=st.floats(-3, 8).map(lambda digits: 10**digits),
    beta=st.floats(-3, 8).map(lambda digits: 10**digits),
    deviations=st.floats(-4, 4),
    chance=st.sampled_from([0.05, 0.5, 0.8, 0.95]),
)
@settings(max_examples=1_000)
def test_the_short_cut_answers_as_the_function_does_beside_the_mean_of_many_trials(
    alpha, beta, deviations, chance
):
    mean, trials = alpha / (alpha + beta), alpha + beta
    rate = min(max(mean + deviations * (mean * (1 - mean) / (trials + 1)) ** 0.5, 0.0), 1.0)

    assert reaches(alpha, beta, rate, chance) == (chance_above(alpha, beta, rate) >= chance)


@given(
    alpha=st.floats(-3, 1).map(lambda digits: 10**digits),
    beta=st.floats(-3, 8).map(lambda digits: 10**digits),
    rate=st.floats(-60, 0).map(lambda digits: 10**digits),
    chance=st.sampled_from([0.05, 0.5, 0.8, 0.95]),
)
@settings(max_examples=1_000)
def test_the_short_cut_answers_as_the_function_does_at_rates_of_any_size(alpha, beta, rate, chance):
    assert reaches(alpha, beta, rate, chance) == (chance_above(alpha, beta, rate) >= chance)


@pytest.mark.parametrize(
    ("alpha", "beta", "rate", "chance"),
    [(0.01, 10, 5e-48, 0.8), (0.01, 1e6, 1e-50, 0.8), (0.01, 0.01, 1e-50, 0.9)],
)
def test_a_rate_too_small_for_single_precision_is_asked_in_double(alpha, beta, rate, chance):
    assert reaches(alpha, beta, rate, chance) == (chance_above(alpha, beta, rate) >= chance)


def test_single_precision_stays_far_within_what_is_called_clear():
    """The worst case that was found; see the docstring of ``reaches``."""
    alpha, beta, rate = 941_994.0, 558_167.0, 0.6279
    exact = chance_above(alpha, beta, rate)

    answers = [reaches(alpha, beta, rate, exact + apart) for apart in (-1e-4, 0.0, 1e-4)]

    assert answers == [True, True, False]
