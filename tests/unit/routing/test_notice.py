"""Whether a change is told, and why."""

import pytest

from sealwatch.routing.notice import decide
from tests.factories import level_change


@pytest.mark.parametrize(
    ("before", "after", "tell", "reason"),
    [
        ("low", "high", True, "raised"),
        ("serious", "medium", True, "lowered"),
        ("medium", "low", True, "lowered"),
        ("high", "not_assessed", True, "withdrawn"),
        ("not_assessed", "low", False, "at_start_level"),
        ("not_assessed", "medium", True, "raised"),
    ],
)
def test_a_change_is_told_unless_a_product_only_took_its_start_level(before, after, tell, reason):
    decision = decide(None, level_change(before=before, after=after))

    assert (decision.tell, decision.reason.value) == (tell, reason)


def test_a_first_assessment_is_measured_by_the_start_level_of_the_product():
    change = level_change(before="not_assessed", after="medium", start_level="medium")

    assert not decide(None, change).tell


def test_a_change_older_than_one_already_heard_stays_quiet():
    decision = decide(3, level_change(sequence=2))

    assert (decision.tell, decision.reason.value) == (False, "an_older_change_that_arrived_late")


@pytest.mark.parametrize(
    ("newest", "change"),
    [
        (None, level_change(before="not_assessed", after="serious", start_level="serious")),
        (5, level_change(sequence=4, before="high", after="serious")),
        (5, level_change(sequence=1, before="not_assessed", after="serious", start_level="serious")),
    ],
    ids=["at the start", "late", "both"],
)
def test_a_change_to_the_top_level_is_never_quiet(newest, change):
    decision = decide(newest, change)

    assert (decision.tell, decision.reason.value) == (True, "raised")


def test_a_late_fall_from_the_top_level_stays_quiet():
    assert not decide(5, level_change(sequence=4, before="serious", after="high")).tell


def test_the_next_change_is_told():
    assert decide(2, level_change(sequence=3)).tell
