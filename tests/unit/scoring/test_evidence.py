"""What each kind of report says about risk, in millionths of a trial."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.measure.grades import Counted, Grades
from sealwatch.scoring.evidence import evidence_of
from sealwatch.shell.policies import load_policy
from tests.unit.scorer.lots import AT, item, lot, reading, sighting, valued

POLICY = load_policy()
SECOND = int(AT.timestamp())
ONE = 1_000_000


def amounts(found):
    return {piece.factor: (piece.failures_millionths, piece.trials_millionths) for piece in found}


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        (item("pass"), (0, ONE)),
        (item("fail"), (ONE, ONE)),
        (item("fail", failures=1, trials=8), (ONE, 8 * ONE)),
        (item("not_judged", failures=0, trials=8), (0, 8 * ONE)),
        (item("not_judged", grade="C"), (300_000, ONE)),
        (item("fail", grade="no such grade"), (ONE, ONE)),
        (valued("1000"), (0, ONE)),
        (valued("1000.001"), (ONE, ONE)),
        (valued("5", "fail"), (0, ONE)),
        (valued("5", "not_judged"), (0, ONE)),
        (valued("9999", censoring="above_range"), (ONE, ONE)),
        (valued("900", censoring="below_lod"), (0, ONE)),
        (valued("9999", "fail", censoring="below_lod"), (ONE, ONE)),
        (valued("5", "fail", unit="mg/L"), (ONE, ONE)),
        (item("pass", censoring="below_lod"), (0, ONE)),
    ],
)
def test_an_item_counts_by_its_counts_its_grade_its_numbers_or_its_verdict(told, counted):
    assert amounts(evidence_of(lot(told), POLICY)) == {"QUAL": counted}


@pytest.mark.parametrize(
    "told",
    [
        item("not_judged"),
        item("not_judged", grade="no such grade"),
        valued("9999", censoring="below_lod"),
        valued("5", unit="mg/L"),
        valued("5", unit="blorps"),
        item("pass", factor="ZZZZ"),
    ],
)
def test_what_cannot_be_told_is_no_evidence_and_never_a_pass(told):
    assert evidence_of(lot(told), POLICY) == ()


def test_a_lot_counts_once_a_factor_and_its_worst_indicator_decides():
    told = lot(item("pass"), valued("2000"), item("pass", failures=1, trials=20), item("fail", factor="COPY"))

    assert amounts(evidence_of(told, POLICY)) == {"QUAL": (ONE, ONE), "COPY": (ONE, ONE)}


ITEMS = some.sampled_from(
    [
        item("pass"),
        item("fail"),
        item("fail", failures=1, trials=8),
        item("pass", failures=2, trials=80),
        item("not_judged", grade="B"),
        item("not_judged"),
        valued("500"),
        valued("1500"),
        valued("9999", censoring="below_lod"),
        item("fail", factor="COPY"),
        item("pass", factor="COPY", failures=0, trials=5),
    ]
)


@given(some.lists(ITEMS, max_size=4))
def test_the_order_of_items_changes_nothing(items):
    found = {frozenset(evidence_of(lot(*order), POLICY)) for order in permutations(items)}

    assert len(found) == 1


@given(some.lists(ITEMS, min_size=1, max_size=6), ITEMS)
def test_one_more_item_never_makes_a_lot_look_better(items, one_more):
    before = amounts(evidence_of(lot(*items), POLICY))
    after = amounts(evidence_of(lot(*items, one_more), POLICY))

    assert all(after[factor][0] * n >= y * after[factor][1] for factor, (y, n) in before.items())


@pytest.mark.parametrize(
    ("source_class", "mode", "summed_under"),
    [
        ("national_spot_check", "daily", "national_spot_check"),
        ("national_spot_check", "special", "national_spot_check_targeted"),
        ("national_spot_check", "professional", "national_spot_check_targeted"),
        ("national_spot_check", "a mode of a later release", "national_spot_check_targeted"),
        ("national_spot_check", None, "national_spot_check"),
        ("local_spot_check", "special", "local_spot_check_targeted"),
        ("monitoring_point", "special", "monitoring_point"),
        ("enforcement", "special", "enforcement"),
    ],
)
def test_a_lot_that_no_plan_drew_is_summed_under_the_targeted_side_of_its_class(
    source_class, mode, summed_under
):
    told = lot(item("fail"), item("pass", factor="COPY"), mode=mode, source_class=source_class)

    assert {piece.source_class for piece in evidence_of(told, POLICY)} == {summed_under}


def test_which_modes_are_planned_is_the_policys_to_say():
    policy = replace(POLICY, planned_modes=frozenset({"daily", "professional"}))
    found = [evidence_of(lot(item(), mode=mode), policy) for mode in ("professional", "special")]

    assert [piece.source_class for (piece,) in found] == [
        "national_spot_check",
        "national_spot_check_targeted",
    ]


@pytest.mark.parametrize("mode", ["daily", "special", "professional"])
def test_without_a_targeted_side_a_mode_changes_nothing(mode):
    told = lot(item("fail"), mode=mode)

    assert evidence_of(told, replace(POLICY, targeted_of={})) == evidence_of(lot(item("fail")), POLICY)


def test_a_class_that_only_a_policy_knows_as_a_side_is_unknown_in_a_record():
    assert evidence_of(lot(item("fail"), source_class="national_spot_check_targeted"), POLICY) == ()


def test_grades_count_by_the_table_that_is_given():
    policy = replace(POLICY, grades=Grades({"good": Counted(1.0, 4.0)}, "the centre"))

    assert amounts(evidence_of(lot(item("pass", grade="good")), policy)) == {"QUAL": (ONE, 4 * ONE)}


@pytest.mark.parametrize(
    ("told", "counted"),
    [
        (reading("0.5"), (0, 41_667)),
        (reading("1"), (0, 41_667)),
        (reading("1.0000000001"), (41_667, 41_667)),
        (reading("1001", unit="µm"), (41_667, 41_667)),
        (reading("5", period=60), (694, 694)),
        (reading("5", period=30 * 86_400), (ONE, ONE)),
        (reading("5", accredited=False), (20_833, 20_833)),
        (reading("5", quality="suspect"), (20_833, 20_833)),
        (reading("5", quality="bad"), (0, 0)),
        (reading("5", calibrated_until=SECOND), (41_667, 41_667)),
        (reading("5", calibrated_until=SECOND - 1), (0, 0)),
        (reading("5", quality="bad", calibrated_until=SECOND + 1), (0, 0)),
    ],
)
def test_a_reading_counts_its_share_of_a_day_against_its_stamped_limit(told, counted):
    assert amounts(evidence_of(told, POLICY)) == {"ENVR": counted}


@pytest.mark.parametrize(
    "told", [reading(limit=None), reading(period=None), reading(unit="kg"), reading(unit="blorps")]
)
def test_a_reading_without_a_limit_that_it_can_be_held_against_counts_for_nothing(told):
    assert evidence_of(told, POLICY) == ()


def test_readings_of_a_day_weigh_one_trial_whatever_their_rate():
    a_minute, an_hour = (evidence_of(reading("5", period=seconds), POLICY)[0] for seconds in (60, 3600))

    assert abs(1440 * a_minute.trials_millionths - 24 * an_hour.trials_millionths) < 1000


@pytest.mark.parametrize(
    ("kind", "factor", "counted"),
    [
        ("listing", "MKT", (750_000, 5 * ONE)),
        ("shop", "MKT", (750_000, 5 * ONE)),
        ("post", "OPIN", (750_000, 5 * ONE)),
        ("code_scan", "TRAC", (750_000, 5 * ONE)),
        ("official_notice", "QUAL", (500_000, 500_000)),
    ],
)
def test_a_sighting_counts_at_most_ten_that_were_seen(kind, factor, counted):
    told = sighting(kind)

    unaccredited = evidence_of(type(told)(**{**as_parts(told), "accredited": False}), POLICY)

    assert amounts(unaccredited) == {factor: counted}


def as_parts(told):
    return {name: getattr(told, name) for name in told.__struct_fields__}
