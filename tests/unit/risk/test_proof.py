from dataclasses import replace
from datetime import date

import pytest

from sealwatch.errors import Misconfigured
from sealwatch.measure.grades import Counted, Grades
from sealwatch.risk.policy import Level, Prior
from sealwatch.risk.proof import prove
from tests.unit.risk.given import POLICY, SPECIAL, SPOT_CHECK

L, M, H, S = Level.LOW, Level.MEDIUM, Level.HIGH, Level.SERIOUS
MATRIX, LIMITS, PRIORS = POLICY.matrix, POLICY.thresholds, POLICY.priors
LABORATORY, FIELD = POLICY.scenarios
COUNTS = POLICY.incidents
SIDES = POLICY.targeted_of
STRANGE = {("food", "X"): Prior(0.1, 1)}
COARSE = replace(MATRIX, indexed=False, bounds=(0.5,), rows=((M, H, H, S, S), (L, M, M, H, H)))
NARROW = replace(MATRIX, indexed=False, bounds=(0.5,), rows=((M, H, H), (L, M, M)))
TINY, TINIEST = {"use": 1e-160, "harm": 1e-160}, {"use": 1e-200, "harm": 1e-200}  # denormal, and 0


def test_the_shipped_policy_is_proven():
    prove(POLICY)


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (replace(MATRIX, rows=MATRIX.rows[1:]), "one full row per bound"),
        (replace(MATRIX, rows=()), "one full row per bound"),
        (replace(MATRIX, rows=((H, S, S), *MATRIX.rows[1:])), "one full row per bound"),
        (replace(MATRIX, rows=(*MATRIX.rows[:-1], (Level.NOT_ASSESSED, L, L, L))), "every cell"),
        (replace(MATRIX, bounds=(0.1, 0.5, *MATRIX.bounds[2:])), "fall strictly"),
        (replace(MATRIX, bounds=(0.5, 0.5, *MATRIX.bounds[2:])), "fall strictly"),
        (replace(MATRIX, bounds=(*MATRIX.bounds[:-1], 0.0)), "fall strictly"),
        (replace(MATRIX, bounds=(float("nan"), *MATRIX.bounds[1:])), "fall strictly"),
        (replace(MATRIX, rows=((H, S, H, S), *MATRIX.rows[1:])), "graver severity"),
        (replace(MATRIX, rows=((L, S, S, S), *MATRIX.rows[1:])), "higher probability"),
        (replace(COARSE, indexed=True), "ranks in a matrix of 4"),
        (NARROW, "a column for each severity class 1 to 4"),
    ],
)
def test_a_matrix_that_is_not_total_and_monotone_is_refused(matrix, reason):
    with pytest.raises(Misconfigured, match=reason):
        prove(replace(POLICY, matrix=matrix))


def test_a_matrix_of_another_size_loads_through_the_same_proof():
    prove(replace(POLICY, matrix=COARSE))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"half_lives": {**POLICY.half_lives, "OPIN": 3600}}, "at least one day: OPIN"),
        ({"half_lives": {**POLICY.half_lives, "OPIN": 10**12}}, "at most a century: OPIN"),
        ({"half_lives": {"COPY": 86_400}}, "no half-life for ADAP"),
        ({"source_weights": {"web": 0.1}}, "no weight for code_scan"),
        ({"source_weights": {**POLICY.source_weights, "web": 1.5}}, "between 0 and 1: web"),
        ({"opinion_classes": frozenset({"rumour"})}, "without a weight: rumour"),
        ({"targeted_of": {"drone": "a class that is not there"}}, "that of a planned class: drone"),
        ({"targeted_of": {"drone": "enforcement"}}, "that of a planned class: drone"),
        ({"targeted_of": {**SIDES, "drone": SPECIAL}}, "that of a planned class: drone"),
        ({"planned_classes": POLICY.planned_classes | {SPECIAL}}, f"not planned itself: {SPECIAL}"),
        ({"targeted_of": {"enforcement": SPOT_CHECK}}, "no class that a key can have: enforcement"),
        ({"targeted_of": {**SIDES, "drone": SPOT_CHECK}}, f"one targeted side, and not also: {SPECIAL}"),
        ({"opinion_classes": frozenset({SPECIAL})}, f"opinion where its planned class is: {SPECIAL}"),
        ({"planned_modes": frozenset()}, "a monitoring mode at least"),
        ({"coping": {}}, "no coping strategy for high, low"),
        ({"quality": replace(POLICY.quality, accredited=2.0)}, "quality lies between"),
        ({"scenarios": (LABORATORY,)}, "MKT needs exactly one"),
        ({"scenarios": (LABORATORY, FIELD, FIELD)}, "MKT needs exactly one"),
        ({"scenarios": (LABORATORY, replace(FIELD, steps={"harm": 1.2}))}, "above 0 and at most 1"),
        ({"scenarios": (LABORATORY, replace(FIELD, steps={}))}, "above 0 and at most 1"),
        ({"scenarios": (LABORATORY, replace(FIELD, severity=5))}, "no product has"),
        ({"scenarios": (LABORATORY, replace(FIELD, steps=TINY))}, "multiply to less than 1e-100"),
        ({"scenarios": (LABORATORY, replace(FIELD, steps=TINIEST))}, "too small to use: harm, use"),
        ({"unknown_severity": 9}, "no product has, 1 to 4 are: 9"),
        ({"severities": {"food": 0}}, "no product has, 1 to 4 are: 0"),
        ({"priors": replace(PRIORS, usual=Prior(1e-200, 1e-200))}, "failures and passes of 1e-100"),
        ({"priors": replace(PRIORS, usual=Prior(0.0, 10))}, "strictly between"),
        (
            {"priors": replace(PRIORS, by_category={("food", "X"): Prior(0.1, 1)})},
            "nobody measures",
        ),
        ({"thresholds": replace(LIMITS, raise_at={})}, "medium, high and serious"),
        ({"thresholds": replace(LIMITS, fall_below=0.9)}, "climb with the level"),
        ({"thresholds": replace(LIMITS, raise_at={M: 0.9, H: 0.8, S: 0.95})}, "climb with"),
        ({"thresholds": replace(LIMITS, serious_corroborated=0.7)}, "corroborated serious"),
        ({"thresholds": replace(LIMITS, fall_after_days=0)}, "after one day or more"),
        ({"thresholds": replace(LIMITS, fall_after_days=36_526)}, "at most a century, 36525 days"),
        ({"thresholds": replace(LIMITS, fresh_days=36_526)}, "at most a century"),
        ({"thresholds": replace(LIMITS, fresh_days=10**7, fresh_days_monitored=999_999)}, "a century"),
        ({"incidents": replace(COUNTS, horizon_days=36_526.0)}, "at most a century"),
        ({"thresholds": replace(LIMITS, corroborating_classes=0)}, "1 to 1000000 source classes"),
        ({"thresholds": replace(LIMITS, corroborating_classes=10**30)}, "1 to 1000000 source classes"),
        ({"effective_from": date(1, 1, 1)}, "takes effect on 2000-01-01 or later"),
        ({"priors": replace(PRIORS, usual=Prior(0.03, 1e18))}, r"worth at most 1e\+12 trials"),
        ({"incidents": replace(COUNTS, priors=replace(PRIORS, usual=Prior(1, 1e18)))}, "no interval"),
        ({"incidents": replace(COUNTS, priors=replace(PRIORS, usual=Prior(1e9, 1e9)))}, "no interval"),
        ({"grades": Grades({"A": Counted(0, 1), "E": Counted(1e300, 1e300)}, "own")}, "trials: E"),
        ({"thresholds": replace(LIMITS, entering_failures=0.0)}, "more than no failure"),
        ({"thresholds": replace(LIMITS, serious_needs_failures=-1.0)}, "Serious needs"),
        ({"thresholds": replace(LIMITS, floor=Level.NOT_ASSESSED)}, "floor is a level"),
        ({"thresholds": replace(LIMITS, fresh_days_monitored=0)}, "fresh for one day"),
        ({"thresholds": replace(LIMITS, fresh_days=29)}, "no longer where points report"),
        ({"incidents": replace(COUNTS, horizon_days=0.0)}, "counts need a horizon"),
        ({"incidents": replace(COUNTS, priors=replace(PRIORS, usual=Prior(0, 10)))}, "more than no incident"),
        (
            {"incidents": replace(COUNTS, priors=replace(PRIORS, usual=Prior(1e-99, 1e-99)))},
            "incidents and days",
        ),
        ({"incidents": replace(COUNTS, priors=replace(PRIORS, by_category=STRANGE))}, "prior of counts"),
    ],
)
def test_a_policy_with_a_gap_is_refused_with_the_reason(change, reason):
    with pytest.raises(Misconfigured, match=reason):
        prove(replace(POLICY, **change))


def test_two_scenarios_for_the_same_goods_are_refused():
    food = replace(LABORATORY, goods=frozenset({"food"}))

    with pytest.raises(Misconfigured, match="two scenarios for the same goods"):
        prove(replace(POLICY, scenarios=(LABORATORY, FIELD, food, food)))


def test_all_reasons_are_told_at_once():
    with pytest.raises(Misconfigured, match=r"coping strategy .*; severities"):
        prove(replace(POLICY, coping={}, unknown_severity=9))
