"""Retractions, right ones and strange ones, early and late: what is left does not depend on the order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sealwatch.contracts.base import uid_of
from sealwatch.risk.state import encode
from sealwatch.shell.policies import load_policy
from tests.factories import NOON, inspection, retraction
from tests.fakes.remembered import Remembered, polls_of

POLICY = load_policy(None)
STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}
LOTS = some.lists(
    some.tuples(
        some.integers(0, 5), some.sampled_from(["pass", "fail"]), some.sampled_from(["", "ink", "peel"])
    ),
    min_size=8,
    max_size=16,
)
NUMBERS = some.integers(0, 7)
STRANGERS = some.lists(some.tuples(NUMBERS, some.sampled_from(["P2", "P3"])), max_size=4)
HISTORIES = some.tuples(LOTS, some.lists(NUMBERS, max_size=8), STRANGERS)
CUTS = some.sets(some.integers(1, 27), min_size=3)


def lot(number, age, verdict, indicator):
    """Return a lot that says nothing of a compulsory standard where no indicator is named."""
    body = inspection(
        event_id=f"lot-{number}", sampled_at=NOON - timedelta(days=age), failed=verdict == "fail"
    )
    bound = {"indicator": indicator, "factor": "QUAL", "verdict": verdict, "standard": STANDARD}
    return body | {"items": [*body["items"], bound][: 1 + bool(indicator)]}


def happened(history):
    """Return the lots, the retractions that name them rightly, and those under a strange product."""
    told, taken, strange = history
    lots = [lot(n, *one) for n, one in enumerate(told)]
    right = [retraction(event_id=f"back-{n}", of=f"lot-{of}") for n, of in enumerate(taken)]
    wrong = [retraction(product, f"strange-{n}", of=f"lot-{of}") for n, (of, product) in enumerate(strange)]
    return lots, right, wrong


def quarantined(bodies):
    return {(uid_of("lab", "lims", body["event_id"]), "product_mismatch") for body in bodies}


@pytest.mark.parametrize("hear", [Remembered.hear, Remembered.hear_with_a_search])
@given(HISTORIES, CUTS, some.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_sums_floors_and_quarantine_are_the_same_in_any_order_and_any_polls(hear, history, cuts, random):
    lots, right, wrong = happened(history)
    back = {body["retracted_event_id"] for body in right}
    bodies = [*lots, *right, *wrong]
    random.shuffle(bodies)
    live, straight = Remembered(POLICY), Remembered(POLICY)

    for poll in polls_of(bodies, cuts):
        hear(live, poll)

    for poll in polls_of([body for body in lots if body["event_id"] not in back], ()):
        straight.hear(poll)
    assert encode(live.products["P1"].state) == encode(straight.products["P1"].state)
    assert live.products["P1"].newest_at == straight.products["P1"].newest_at
    assert live.quarantined == quarantined(wrong)


EARLY = [retraction("P2", "strange", "lot-1"), retraction("P1", "right", "lot-1")]


@pytest.mark.parametrize("early", [EARLY, EARLY[::-1]], ids=["strange one first", "right one first"])
@pytest.mark.parametrize("cuts", [(), (1, 2)], ids=["one poll", "three polls"])
def test_two_early_retractions_of_one_event_do_not_hide_each_other(early, cuts):
    live = Remembered(POLICY)

    for poll in polls_of([*early, inspection(failed=True)], cuts):
        live.hear(poll)

    assert live.kept[uid_of("lab", "lims", "lot-1")].retracted_by == uid_of("lab", "lims", "right")
    assert live.quarantined == quarantined([EARLY[0]])
