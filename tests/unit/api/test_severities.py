from dataclasses import replace

import pytest

from sealwatch.contracts.products import SentFacts
from sealwatch.shell.policies import load_policy
from sealwatch_api.problems import Declined
from sealwatch_api.severities import classed

POLICY = replace(load_policy(), version="2027.1", severities={"food": 3, "tickets": 1})


def sent(category, severity_class=None):
    return SentFacts(name="Label", category=category, severity_class=severity_class, region="110000")


@pytest.mark.parametrize(
    ("category", "given", "recorded", "listed", "flags"),
    [
        ("food", None, 3, 3, ("severity_from_policy",)),
        ("tickets", None, 1, 1, ("severity_from_policy",)),
        ("food", 3, 3, 3, ()),
        ("food", 4, 4, 3, ("severity_differs",)),
        ("tea", 2, 2, None, ()),
    ],
)
def test_a_class_that_is_given_wins_and_one_left_out_is_that_of_the_policy(
    category, given, recorded, listed, flags
):
    made = classed(sent(category, given), POLICY)

    assert (made.facts.severity_class, made.listed, made.flags) == (recorded, listed, flags)
    assert (made.facts.name, made.facts.category, made.facts.region) == ("Label", category, "110000")


def test_goods_that_the_policy_does_not_list_need_their_class_given():
    with pytest.raises(Declined, match="severity_class_needed") as refused:
        classed(sent("tea"), POLICY)

    [error] = refused.value.errors
    assert (refused.value.status, error.pointer) == (422, "/severity_class")
    assert error.detail == "is needed: policy 2027.1 lists no class for this category"
