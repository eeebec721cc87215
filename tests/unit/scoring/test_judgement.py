"""What an expert is to look at, and what a floor hangs on."""

import pytest

from sealwatch.risk.floors import Check
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.judgement import Remark, remarks_of
from sealwatch.shell.policies import load_policy
from tests.unit.risk.given import POLICY
from tests.unit.scorer.lots import AT, COMPULSORY, item, lot, reading, sighting, valued

NAME = "some indicator"


@pytest.mark.parametrize(
    ("told", "remarks"),
    [
        (lot(item("pass"), valued("5")), ()),
        (lot(valued("5", "fail")), (Remark(NAME, "verdict_disagrees"),)),
        (lot(item("fail", failures=0, trials=8)), (Remark(NAME, "verdict_disagrees"),)),
        (lot(item("pass", failures=1, trials=80)), ()),
        (lot(valued("5", unit="mg/L")), (Remark(NAME, "units_incompatible"),)),
        (lot(valued("5", unit="blorps")), (Remark(NAME, "unknown_unit"),)),
        (lot(valued("9999", censoring="below_lod")), (Remark(NAME, "censored_across_limit"),)),
        (lot(item("pass", grade="no such grade")), (Remark(NAME, "unknown_grade"),)),
        (reading(unit="kg"), (Remark("gap", "units_incompatible"),)),
        (reading(), ()),
        (reading(limit=None, flags=("late", "quality_bad")), (Remark("", "late"), Remark("", "quality_bad"))),
        (sighting(), ()),
    ],
)
def test_what_is_odd_about_an_event_is_named_with_its_indicator(told, remarks):
    assert remarks_of(told, POLICY.grades) == remarks


@pytest.mark.parametrize(
    ("told", "passed"),
    [
        (item("pass", standard=COMPULSORY), [True]),
        (item("fail", standard=COMPULSORY), [False]),
        (item("pass", standard=COMPULSORY, failures=1, trials=80), [True]),
        (item("fail", standard=COMPULSORY, failures=9, trials=80), [False]),
        (item("not_judged", standard=COMPULSORY, failures=1, trials=80), [False]),
        (item("not_judged", standard=COMPULSORY), []),
        (valued("5000", standard=COMPULSORY), [False]),
        (valued("9999", standard=COMPULSORY, censoring="below_lod"), []),
        (item("fail"), []),
    ],
)
def test_only_a_judged_item_of_a_compulsory_standard_moves_a_floor(told, passed):
    said = evidence_of(lot(told), load_policy())

    assert [not piece.failed for piece in said if isinstance(piece, Check)] == passed


def test_a_check_names_standard_indicator_and_sampling_time_and_comes_after_the_evidence():
    said = evidence_of(lot(item("fail", standard=COMPULSORY)), load_policy())

    assert said[1:] == (Check("a compulsory standard", NAME, int(AT.timestamp()), failed=True),)
