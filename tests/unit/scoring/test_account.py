"""What a laboratory is told of each indicator is what scoring made of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.risk.evidence import Evidence
from sealwatch.scoring.account import Account, accounts_of
from sealwatch.scoring.evidence import evidence_of
from sealwatch.shell.policies import load_policy
from tests.unit.scorer.lots import COMPULSORY, counted, item, lot, reading, sighting, valued

POLICY = load_policy()
ONE = 1_000_000
PAST = {"calibrated_until": 1_000_000_000}
UNWEIGHED = replace(POLICY, quality=replace(POLICY.quality, unaccredited=0.0))


def told(found):
    return [(one.counted, one.failures_millionths, one.trials_millionths, one.remarks) for one in found]


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (lot(item("fail")), (True, ONE, ONE, ())),
        (lot(item("pass"), accredited=False), (True, 0, ONE // 2, ())),
        (lot(item("not_judged", failures=1, trials=8)), (True, ONE, 8 * ONE, ())),
        (lot(item("not_judged", grade="C")), (True, 300_000, ONE, ())),
        (lot(valued("5", "fail")), (True, 0, ONE, ("verdict_disagrees",))),
        (lot(item("fail", grade="no such grade")), (True, ONE, ONE, ("unknown_grade",))),
        (lot(valued("5", "fail", unit="mg/L")), (True, ONE, ONE, ("units_incompatible",))),
        (lot(item("not_judged")), (False, 0, 0, ("not_judged",))),
        (lot(item("not_judged", grade="no such grade")), (False, 0, 0, ("unknown_grade",))),
        (lot(valued("9999", censoring="below_lod")), (False, 0, 0, ("censored_across_limit",))),
        (lot(valued("9", censoring="no such word")), (False, 0, 0, ("unknown_censoring",))),
        (lot(valued("5", unit="mg/L")), (False, 0, 0, ("units_incompatible",))),
        (lot(valued("5", unit="blorps")), (False, 0, 0, ("unknown_unit",))),
        (lot(item("pass", factor="ZZZZ")), (False, 0, 0, ("factor_unknown",))),
        (lot(item("fail"), source_class="no such class"), (False, 0, 0, ("source_class_unknown",))),
        (reading(), (True, 0, round(ONE / 24), ())),
        (reading("2"), (True, round(ONE / 24), round(ONE / 24), ())),
        (reading(limit=None), (False, 0, 0, ("no_limit",))),
        (reading(period=None), (False, 0, 0, ("period_missing",))),
        (reading(unit="kg"), (False, 0, 0, ("units_incompatible",))),
        (reading(quality="bad"), (False, 0, 0, ("quality_bad",))),
        (reading(**PAST), (False, 0, 0, ("out_of_calibration",))),
        (sighting(suspect=3, seen=20), (True, 1_500_000, 10 * ONE, ())),
        (sighting("official_notice"), (True, ONE, ONE, ())),
        (counted(2, 60), (True, 2 * ONE, 60 * ONE, ())),
        (counted(factor="ZZZZ"), (False, 0, 0, ("factor_unknown",))),
        (counted(source_class="no such class"), (False, 0, 0, ("source_class_unknown",))),
        (sighting("no such kind"), (False, 0, 0, ("kind_unknown",))),
    ],
)
def test_an_indicator_says_what_it_added_or_why_it_added_nothing(report, expected):
    assert told(accounts_of(report, POLICY)) == [expected]


def test_incidents_say_that_they_were_counted_over_days():
    assert [one.over_days for report in (counted(), sighting()) for one in accounts_of(report, POLICY)] == [
        True,
        False,
    ]


def test_of_a_factor_the_worst_indicator_counts_and_the_others_say_so():
    items = (item("pass", indicator="a"), item("fail", indicator="b"), item("fail", indicator="c"))

    found = accounts_of(lot(*items, item("pass", factor="COPY", indicator="d")), POLICY)

    assert [(one.indicator, one.factor, one.counted) for one in found] == [
        ("a", "QUAL", False), ("b", "QUAL", True), ("c", "QUAL", False), ("d", "COPY", True),
    ]  # fmt: skip
    assert [one.remarks for one in found if not one.counted] == [("worse_indicator_counts",)] * 2


@pytest.mark.parametrize(
    ("one", "met"),
    [
        (item("pass", standard=COMPULSORY), True),
        (item("fail", standard=COMPULSORY), False),
        (item("not_judged", standard=COMPULSORY), None),
        (item("fail"), None),
    ],
)
def test_a_compulsory_standard_is_told_also_where_another_indicator_counts(one, met):
    worse = item("fail", failures=9, trials=9, indicator="worse")

    assert [account.met for account in accounts_of(lot(one, worse), POLICY)] == [met, None]


def test_quality_zero_is_told_when_the_policy_gives_a_method_none():
    assert told(accounts_of(lot(item("fail"), accredited=False), UNWEIGHED)) == [
        (False, 0, 0, ("quality_zero",))
    ]


ITEMS = some.builds(
    item,
    some.sampled_from(["pass", "fail", "not_judged"]),
    some.sampled_from(["QUAL", "COPY", "ZZZZ"]),
    indicator=some.sampled_from("abc"),
    grade=some.sampled_from([None, "A", "C", "no such grade"]),
    standard=some.sampled_from([None, COMPULSORY]),
)
VALUED = some.builds(
    valued,
    some.sampled_from(["5", "1000", "9999"]),
    some.sampled_from(["pass", "fail", "not_judged"]),
    some.sampled_from(["mg/kg", "mg/L", "%"]),
    censoring=some.sampled_from([None, "below_lod", "above_range"]),
)


@given(some.lists(ITEMS | VALUED, min_size=1, max_size=6), some.booleans())
def test_what_is_told_adds_up_to_what_was_counted(items, accredited):
    report = lot(*items, accredited=accredited)
    pieces = [one for one in evidence_of(report, POLICY) if isinstance(one, Evidence)]

    found: list[Account] = list(accounts_of(report, POLICY))

    added = {one.factor: (one.failures_millionths, one.trials_millionths) for one in found if one.counted}
    assert added == {one.factor: (one.failures_millionths, one.trials_millionths) for one in pieces}
    assert sum(one.counted for one in found) == len(pieces)
    assert all(one.counted or one.remarks for one in found)
