import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.beliefs import (
    beliefs,
    corroborating,
    entered,
    entering,
    failures_by_class,
    is_assessable,
)
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.state import EMPTY, retract
from sealwatch.risk.yardstick import yardstick
from tests.unit.risk.given import DAY, NOON, POLICY, SPECIAL, SPOT_CHECK, counted, goods, seen, state_of

STICK = yardstick(POLICY, goods(3))
PIECES = st.builds(
    seen,
    st.integers(0, 2),
    st.integers(2, 40),
    of=st.sampled_from(["COPY", "QUAL", "MKT"]),
    by=st.sampled_from(["national_spot_check", SPECIAL, "web"]),
    at=st.integers(NOON - 900 * DAY, NOON),
) | st.builds(counted, st.integers(0, 3), st.integers(1, 90))


def test_the_yardstick_of_the_same_goods_is_worked_out_once():
    assert yardstick(POLICY, goods(3)) is STICK


def test_evidence_fades_by_the_half_life_it_was_folded_with():
    old = Evidence("COPY", "enforcement", 10**6, 10**6, NOON - 30 * DAY, 30 * DAY)
    new = Evidence("COPY", "enforcement", 10**6, 10**6, NOON - 30 * DAY, 60 * DAY)

    (belief,) = beliefs(state_of(old, new), STICK, NOON)

    assert belief.failures == pytest.approx(0.5 + 0.5**0.5)


def test_a_belief_is_the_prior_with_what_was_seen():
    (belief,) = beliefs(state_of(seen(2, 10)), STICK, NOON)

    assert (belief.alpha, belief.beta) == pytest.approx((2.3, 17.7))
    assert belief.harm == pytest.approx(0.002 * 0.115)


@pytest.mark.parametrize(
    ("failed_by", "names"), [("web", ["MKT"]), ("enforcement", ["MKT"]), (None, ["COPY"])]
)
def test_a_tenth_of_a_failure_is_enough_to_enter(failed_by, names):
    pieces = [seen(1, 1, of="MKT", by=by) for by in (failed_by,) if by]
    found = beliefs(state_of(seen(0, 30), seen(0, 1, of="QUAL"), *pieces), STICK, NOON)

    assert [belief.factor for belief in entering(found, STICK)] == names


def test_what_failed_less_than_a_tenth_enters_only_as_the_least_harmful():
    faded = seen(1, 1, of="MKT", by="web", at=NOON - 1)
    found = beliefs(state_of(seen(0, 300), faded), STICK, NOON)

    assert [belief.factor for belief in entering(found, STICK)] == ["COPY"]


@given(pieces=st.lists(PIECES, max_size=6), severity=st.integers(1, 4))
@settings(max_examples=300)
def test_what_enters_is_chosen_as_from_all_beliefs(pieces, severity):
    state, stick = state_of(*pieces), yardstick(POLICY, goods(severity))

    assert list(entered(state, stick, NOON)) == list(entering(beliefs(state, stick, NOON), stick))


def test_source_classes_corroborate_over_all_factors():
    state = state_of(seen(1, 1), seen(2, 2, of="MKT", by="web"), seen(8, 8, of="QUAL", by="web"), seen(0, 9))

    assert corroborating(state, STICK, NOON) == 2
    assert corroborating(state, STICK, NOON + 1) == 0


def test_both_sides_of_a_planned_class_are_one_sender_who_cannot_corroborate_himself():
    alone = state_of(seen(1, 1), seen(1, 1, by=SPECIAL))
    beside_another = state_of(seen(1, 1), seen(1, 1, by=SPECIAL), seen(1, 1, by="enforcement"))

    assert (corroborating(alone, STICK, NOON), corroborating(beside_another, STICK, NOON)) == (1, 2)
    assert failures_by_class(alone, STICK, NOON) == {SPOT_CHECK: 2.0}


def test_halves_of_a_failure_on_both_sides_are_one_failure_of_their_sender():
    state = state_of(seen(0.5, 1), seen(0.5, 1, by=SPECIAL), seen(1, 1, by="enforcement"))

    assert corroborating(state, STICK, NOON) == 2


@given(pieces=st.lists(PIECES, max_size=6))
def test_which_side_a_lot_is_on_changes_no_belief(pieces):
    planned = [piece._replace(source_class=POLICY.sender(piece.source_class)) for piece in pieces]

    assert beliefs(state_of(*pieces), STICK, NOON) == beliefs(state_of(*planned), STICK, NOON)


def test_counts_are_judged_by_their_own_prior():
    (belief,) = beliefs(state_of(counted(2, 60), counted(1, 30, by="enterprise_report")), STICK, NOON)

    assert (belief.failures, belief.trials) == (2.3, 69.0)
    assert (belief.alpha, belief.beta) == pytest.approx((0.3 + 2.3, 300 + 69))
    assert belief.mean == pytest.approx(1 - (369 / 399) ** 2.6)
    assert belief.harm == pytest.approx(0.002 * belief.mean)


def test_before_any_count_a_month_is_as_likely_to_fail_as_a_trial():
    (counts,) = beliefs(state_of(counted(0, 0.000001)), STICK, NOON)
    (trials,) = beliefs(state_of(seen(0, 0.000001)), STICK, NOON)

    assert counts.mean == pytest.approx(trials.mean, rel=0.1)


def test_what_was_tried_and_counted_is_believed_apart_and_both_enter():
    found = beliefs(state_of(seen(1, 3, of="INTG"), counted(1, 30), seen(1, 3)), STICK, NOON)

    assert [(b.factor, b.trials) for b in entering(found, STICK)] == [
        ("COPY", 3.0),
        ("INTG", 3.0),
        ("INTG", 30.0),
    ]


def test_what_a_retraction_of_counts_still_owes_is_no_evidence():
    owing = retract(retract(state_of(counted(1, 10)), counted(2, 5)), counted(0, 9))

    (belief,) = beliefs(owing, STICK, NOON)

    assert (belief.failures, belief.trials) == (0.0, 0.0)


@pytest.mark.parametrize(("days", "assessable"), [(299, False), (300, True)])
def test_counted_opinion_is_worth_a_trial_for_each_horizon(days, assessable):
    assert is_assessable(state_of(counted(3, days, of="OPIN", by="web")), STICK, NOON) is assessable


def test_any_other_count_is_assessable():
    assert is_assessable(state_of(counted(0, 1)), STICK, NOON)


def test_incidents_corroborate_too():
    assert corroborating(state_of(seen(1, 1), counted(1, 30, by="enforcement")), STICK, NOON) == 2


def test_nothing_folded_is_not_assessable():
    assert not is_assessable(EMPTY, STICK, NOON)
