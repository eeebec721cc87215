import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.case import rank
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.facts import Facts, unknown
from sealwatch.risk.index import Item, assess, assess_many, brackets
from sealwatch.risk.matrix import level_at
from sealwatch.risk.policy import Level, Prior
from sealwatch.risk.scale import BAND
from sealwatch.risk.state import EMPTY, fold, retract
from tests.unit.risk.given import DAY, NOON, POLICY, counted, goods, second, seen, state_of

FOOD = Facts("food", 3)
TENTH = replace(POLICY, priors=replace(POLICY.priors, usual=Prior(0.1, 10)))
HALF = replace(POLICY, priors=replace(POLICY.priors, usual=Prior(0.5, 1)))
AUDITS = Path(__file__).parents[2] / "data" / "surveillance" / "abattoir.csv"
LABORATORY, FIELD = POLICY.scenarios
MILD = replace(
    POLICY,
    scenarios=(
        LABORATORY,
        FIELD,
        replace(LABORATORY, factors=frozenset({"QUAL"}), goods=frozenset({"food"}), severity=1),
    ),
)
PIECES = st.builds(
    seen,
    st.integers(0, 2),
    st.integers(2, 20),
    of=st.sampled_from(["COPY", "QUAL", "MKT", "OPIN"]),
    by=st.sampled_from(["national_spot_check", "commissioned_inspection", "web"]),
    at=st.integers(NOON - 200 * DAY, NOON),
) | st.builds(counted, st.integers(0, 2), st.integers(0, 60), of=st.sampled_from(["INTG", "OPIN", "QUAL"]))


def test_vector_t2_of_decayed_evidence():
    month = 30 * DAY
    start = second("2000-01-01T00:00:00")
    pieces = [
        Evidence("COPY", "enforcement", failed, 10**6, start + day * DAY, month)
        for day, failed in ((0, 10**6), (30, 0), (60, 10**6))
    ]

    (row,) = assess(state_of(*pieces), goods(3), TENTH, start + 60 * DAY).rows

    assert (row.failures, row.trials) == (1.25, 1.75)
    assert (row.mean, row.q05) == pytest.approx((0.191489, 0.044504), abs=5e-7)
    assert (row.q50, row.q95) == pytest.approx((0.173711, 0.399646), abs=5e-7)


@pytest.mark.parametrize(
    ("week", "failures", "trials", "rates"),
    [
        (26, 899.610103, 79902.427871, (0.011265, 0.010658, 0.011886)),
        (171, 957.912316, 108988.782866, (0.008794, 0.008334, 0.009264)),
    ],
)
def test_vector_t4_of_weekly_counts(week, failures, trials, rates):
    start, age = second("2001-01-01T00:00:00"), 7 * DAY
    pieces = [
        Evidence("COPY", "enforcement", y * 10**6, n * 10**6, start + w * age, 26 * age)
        for w, y, n in _audits()
        if w <= week
    ]

    (row,) = assess(state_of(*pieces), goods(3), HALF, start + week * age).rows

    assert (row.failures, row.trials) == pytest.approx((failures, trials), abs=5e-7)
    assert (row.mean, row.q05, row.q95) == pytest.approx(rates, abs=5e-7)


def test_an_assessment_tells_index_interval_and_main_factor():
    state = state_of(seen(2, 10), seen(0, 5, of="QUAL"))

    told = assess(state, FOOD, POLICY, NOON)

    assert told.indicated is Level.HIGH
    assert told.index == pytest.approx(59.04, abs=0.005)  # mean 2.3 / 20, harm 2.3e-4
    assert told.ri05 < told.ri50 < told.ri95
    assert told.main_factor == "COPY"
    assert [(row.factor, row.enters) for row in told.rows] == [("COPY", True), ("QUAL", False)]


def test_an_assessment_names_what_made_it():
    told = assess(state_of(seen(2, 10)), Facts("food", 3, revision=7), POLICY, NOON)

    assert (told.policy_version, told.facts_revision, told.facts_known) == ("2026.2", 7, True)
    assert told.shipped_steps


def test_source_classes_weigh_by_the_policy():
    state = state_of(seen(1, 1, by="web"), seen(1, 1, by="commissioned_inspection"))

    (row,) = assess(state, FOOD, POLICY, NOON).rows

    assert (row.failures, row.trials) == (0.6, 0.6)


def test_factors_that_failed_combine_as_independent_causes():
    state = state_of(seen(2, 10), seen(2, 10, of="QUAL"))

    told = rank(Item(state, FOOD, NOON), POLICY)

    assert told.p_harm == pytest.approx(1 - (1 - 0.002 * 2.3 / 20) ** 2)


def test_among_clean_factors_only_the_least_harmful_enters():
    state = state_of(seen(0, 5), seen(0, 50, of="QUAL"))

    told = assess(state, FOOD, POLICY, NOON)

    assert told.main_factor == "QUAL"
    assert [row.enters for row in told.rows] == [False, True]


def test_a_factor_whose_scenario_is_milder_counts_with_that_severity():
    told = assess(state_of(seen(9, 10, of="QUAL"), seen(1, 30)), FOOD, MILD, NOON)

    assert (told.severity, told.main_factor) == (3, "COPY")


def test_the_milder_of_two_clean_factors_enters():
    told = assess(state_of(seen(0, 5, of="QUAL"), seen(0, 50)), FOOD, MILD, NOON)

    assert (told.severity, told.main_factor) == (1, "QUAL")


def test_opinion_alone_is_not_assessed_before_a_whole_trial():
    few, enough = state_of(seen(9, 9, of="MKT", by="web")), seen(1, 1, of="MKT", by="web")

    assert rank(Item(few, FOOD, NOON), POLICY).indicated is Level.NOT_ASSESSED
    assert rank(Item(fold(few, enough), FOOD, NOON), POLICY).indicated > Level.NOT_ASSESSED


def test_without_evidence_there_is_no_index():
    told = assess(EMPTY, FOOD, POLICY, NOON)

    assert (told.indicated, told.index, told.ri50, told.rows) == (
        Level.NOT_ASSESSED,
        None,
        None,
        (),
    )


def test_a_matrix_of_another_shape_has_levels_and_no_index():
    matrix = replace(
        POLICY.matrix,
        indexed=False,
        bounds=(0.001, 0.0001),
        rows=((Level.SERIOUS,) * 4, (Level.HIGH,) * 4, (Level.LOW,) * 4),
    )

    told = assess(state_of(seen(2, 10)), FOOD, replace(POLICY, matrix=matrix), NOON)

    assert (told.indicated, told.index, told.ri95) == (Level.HIGH, None, None)


def test_goods_nobody_described_are_taken_as_severity_3_and_flagged():
    told = assess(state_of(seen(2, 10)), unknown(POLICY), POLICY, NOON)

    assert (told.severity, told.facts_known) == (3, False)


def test_a_category_can_have_a_prior_of_its_own():
    own = replace(POLICY.priors, by_category={("food", "COPY"): Prior(0.2, 50)})
    policy = replace(POLICY, priors=own)

    (row,) = assess(state_of(seen(0, 50)), FOOD, policy, NOON).rows
    (other,) = assess(state_of(seen(0, 50)), Facts("toys", 3), policy, NOON).rows

    assert (row.mean, other.mean) == pytest.approx((0.1, 0.005))


def test_an_assessment_tells_counts_with_the_chance_within_the_horizon():
    (row,) = assess(state_of(counted(2, 60)), FOOD, POLICY, NOON).rows

    assert (row.failures, row.trials, row.counted, row.enters) == (2.0, 60.0, True, True)
    assert row.q05 < row.q50 < row.mean < row.q95
    assert row.mean == pytest.approx(1 - (360 / 390) ** 2.3)


def test_what_a_retraction_still_owes_is_no_evidence():
    owing = retract(state_of(seen(1, 10)), seen(3, 30))

    (row,) = assess(owing, FOOD, POLICY, NOON).rows

    assert (row.failures, row.trials) == (0.0, 0.0)


@given(groups=st.lists(st.lists(PIECES, max_size=4), max_size=4), severity=st.integers(1, 4))
@settings(max_examples=60)
def test_many_products_are_assessed_as_each_alone(groups, severity):
    items = [Item(state_of(*pieces), goods(severity), NOON) for pieces in groups]

    alone = [assess(item.state, item.facts, POLICY, item.at) for item in items]

    assert assess_many(items, POLICY) == alone


@given(groups=st.lists(st.lists(PIECES, max_size=4), max_size=4), severity=st.integers(1, 4))
@settings(max_examples=60)
def test_a_bracket_says_what_the_assessment_says_of_the_whole_product(groups, severity):
    items = [Item(state_of(*pieces), goods(severity), NOON) for pieces in groups]

    short = [(*ranking[:3], ranking.main_factor, *interval) for ranking, interval in brackets(items, POLICY)]

    assert short == [
        (one.indicated, one.severity, one.index, one.main_factor, one.ri05, one.ri50, one.ri95)
        for one in assess_many(items, POLICY)
    ]


@given(pieces=st.lists(PIECES, min_size=1, max_size=6), severity=st.integers(1, 4), data=st.data())
@settings(max_examples=60)
def test_the_assessment_knows_no_order(pieces, severity, data):
    shuffled = data.draw(st.permutations(pieces))

    told = assess(state_of(*shuffled), goods(severity), POLICY, NOON)

    assert told == assess(state_of(*pieces), goods(severity), POLICY, NOON)


@given(pieces=st.lists(PIECES, min_size=1, max_size=6), severity=st.integers(1, 4))
def test_the_matrix_decides_the_level_and_the_index_ranks_inside(pieces, severity):
    told = rank(Item(state_of(seen(0, 1), *pieces), goods(severity), NOON), POLICY)

    assert told.indicated is level_at(told.p_harm, told.severity, POLICY.matrix)
    assert BAND * (told.indicated - 1) <= told.index <= BAND * told.indicated


@given(
    pieces=st.lists(PIECES, max_size=6),
    factor=st.sampled_from(["COPY", "MKT", "QUAL", "STAB"]),
    severity=st.integers(1, 4),
)
def test_a_pass_never_raises_the_index(pieces, factor, severity):
    before = state_of(seen(0, 1, of="RECG"), *pieces)
    after = fold(before, seen(0, 3, of=factor))

    raised = rank(Item(after, goods(severity), NOON), POLICY).index

    assert raised <= rank(Item(before, goods(severity), NOON), POLICY).index


def _audits():
    with AUDITS.open(newline="") as lines:
        return [tuple(map(int, row.values())) for row in csv.DictReader(lines)]
