from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.levels import (
    Cause,
    Decision,
    Occasion,
    Reason,
    Standing,
    after_event,
    after_sweep,
)
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY, State, decode, encode, fold, retract
from tests.unit.risk.given import DAY, NOON, POLICY, checked, counted, goods, seen, state_of

TODAY = date(2026, 3, 1)
MIDNIGHT = NOON - NOON % DAY
FAILED, PASSED = Occasion(NOON, Cause.FAILURE), Occasion(NOON, Cause.PASS)
RETRACTED, DESCRIBED = Occasion(NOON, Cause.RETRACTION), Occasion(NOON, Cause.FACTS)
MEDIUM = Standing(Level.MEDIUM, None, Level.MEDIUM)
HIGH = Standing(Level.HIGH, None, Level.MEDIUM)


def after(standing: Standing, state: State, occasion: Occasion = PASSED, severity: int = 3) -> Decision:
    return after_event(standing, state, goods(severity), POLICY, occasion)


def swept(standing: Standing, state: State, days: int = 1, severity: int = 3) -> Decision:
    return after_sweep(standing, state, goods(severity), POLICY, MIDNIGHT + days * DAY)


@pytest.mark.parametrize(
    ("severity", "start"),
    [(1, Level.LOW), (2, Level.LOW), (3, Level.MEDIUM), (4, Level.MEDIUM)],
)
def test_the_first_assessment_starts_where_goods_without_evidence_stand(severity, start):
    decision = after(Standing(), state_of(seen(0, 1)), PASSED, severity)

    assert decision == Decision(Standing(start, None, start), Reason.STARTED)


def test_the_rules_apply_at_once_to_the_first_assessment():
    decision = after(Standing(), state_of(seen(2, 10)), FAILED)

    assert decision == Decision(HIGH, Reason.STARTED)


def test_a_clean_start_begins_its_days_at_once():
    decision = after(Standing(), state_of(seen(0, 6)))

    assert decision.standing == Standing(Level.MEDIUM, TODAY, Level.MEDIUM)


@pytest.mark.parametrize(
    "state",
    [EMPTY, state_of(seen(9, 9, of="MKT", by="web")), state_of(seen(1, 3, by="user_report"))],
)
def test_opinion_short_of_a_trial_makes_no_level(state):
    assert after(Standing(), state, FAILED) == Decision(Standing(), Reason.NOT_ASSESSED)


def test_opinion_is_added_up_over_classes_and_factors():
    heard = state_of(seen(0, 5, of="MKT", by="web"), seen(0, 2, of="TRAC", by="code_scan"))

    assert after(Standing(), heard).reason is Reason.STARTED


def test_a_web_mention_alone_makes_no_level_even_of_ten_listings():
    an_hour_ago = state_of(seen(10, 10, of="MKT", by="web", at=NOON - 3600))

    assert after(Standing(), an_hour_ago, FAILED).reason is Reason.NOT_ASSESSED


@pytest.mark.parametrize(
    ("failures", "trials", "severity", "level"),
    [
        (1, 1, 3, Level.MEDIUM),
        (2, 10, 3, Level.HIGH),
        (2, 30, 3, Level.MEDIUM),
        (18, 20, 3, Level.HIGH),
        (2, 10, 4, Level.HIGH),
        (9, 10, 4, Level.HIGH),
        (25, 25, 3, Level.SERIOUS),
        (1, 1, 2, Level.LOW),
        (2, 2, 1, Level.LOW),
    ],
)
def test_failures_raise_to_the_highest_level_that_is_sure_enough(failures, trials, severity, level):
    decision = after(Standing(), state_of(seen(failures, trials)), FAILED, severity)

    assert decision.standing.level is level


@pytest.mark.parametrize(
    ("pieces", "level"),
    [
        ((seen(9, 10), seen(9, 10, by="enforcement")), Level.SERIOUS),
        ((seen(17, 18), seen(1, 1, by="enforcement", at=NOON - 1), seen(0, 1)), Level.HIGH),
        ((seen(17, 18), seen(1, 1, by="enforcement"), seen(0, 1)), Level.SERIOUS),
        ((seen(18, 20),), Level.HIGH),
    ],
)
def test_two_source_classes_of_a_whole_failure_each_make_serious_sooner(pieces, level):
    assert after(HIGH, state_of(*pieces), FAILED).standing.level is level


def test_a_rise_is_told_as_such_and_forgets_the_quiet_days():
    quiet = Standing(Level.MEDIUM, TODAY, Level.MEDIUM)

    assert after(quiet, state_of(seen(2, 10)), FAILED) == Decision(HIGH, Reason.RAISED)


def test_a_pass_is_no_reason_to_test_for_a_rise():
    assert after(MEDIUM, state_of(seen(2, 10)), PASSED) == Decision(MEDIUM, Reason.UNCHANGED)


def test_evidence_that_holds_a_level_again_ends_its_quiet_days():
    quiet = Standing(Level.MEDIUM, TODAY, Level.MEDIUM)

    assert after(quiet, state_of(seen(1, 30)), FAILED).standing == MEDIUM


@pytest.mark.parametrize(("days", "level"), [(13, Level.MEDIUM), (14, Level.LOW)])
def test_a_level_falls_at_the_fourteenth_midnight(days, level):
    quiet = Standing(Level.MEDIUM, TODAY, Level.MEDIUM)

    assert swept(quiet, state_of(seen(0, 30)), days).standing.level is level


def test_a_fall_is_told_as_such_and_keeps_the_start():
    quiet = Standing(Level.HIGH, TODAY, Level.MEDIUM)

    decision = swept(quiet, state_of(seen(0, 40)), 14)

    assert decision == Decision(Standing(Level.LOW, None, Level.MEDIUM), Reason.LOWERED)


def test_a_fall_goes_to_the_highest_level_that_still_holds():
    quiet = Standing(Level.SERIOUS, TODAY, Level.MEDIUM)

    assert swept(quiet, state_of(seen(2, 20)), 14).standing.level is Level.HIGH


def test_a_sweep_begins_the_quiet_days():
    decision = swept(MEDIUM, state_of(seen(0, 30)))

    assert decision.standing.below_since == date(2026, 3, 2)
    assert decision.reason is Reason.UNCHANGED


def test_fading_that_holds_a_level_again_ends_its_quiet_days():
    quiet = Standing(Level.MEDIUM, TODAY, Level.MEDIUM)

    assert swept(quiet, state_of(seen(0, 7)), 365 * 2).standing == MEDIUM


def test_a_sweep_leaves_what_was_never_assessed():
    assert swept(Standing(), EMPTY) == Decision(Standing(), Reason.NOT_ASSESSED)


@pytest.mark.parametrize("occasion", [RETRACTED, DESCRIBED, Occasion(NOON, Cause.POLICY)])
def test_retractions_facts_and_policies_lower_at_once(occasion):
    decision = after(HIGH, state_of(seen(1, 30)), occasion)

    assert decision == Decision(MEDIUM, Reason.REDECIDED)


@pytest.mark.parametrize("occasion", [RETRACTED, DESCRIBED, Occasion(NOON, Cause.POLICY)])
def test_retractions_facts_and_policies_raise_at_once(occasion):
    assert after(MEDIUM, state_of(seen(2, 10)), occasion) == Decision(HIGH, Reason.REDECIDED)


def test_graver_goods_raise_a_level():
    state = state_of(seen(2, 10))

    assert after(Standing(Level.LOW), state, DESCRIBED, 2).standing.level is Level.MEDIUM
    assert after(Standing(Level.MEDIUM), state, DESCRIBED, 3).standing.level is Level.HIGH


@pytest.mark.parametrize("state", [EMPTY, state_of(seen(3, 5, of="MKT", by="web"))])
def test_a_retraction_that_leaves_nothing_but_a_rumour_withdraws_the_level(state):
    assert after(HIGH, state, RETRACTED) == Decision(Standing(), Reason.WITHDRAWN)


def test_opinion_that_fades_below_a_trial_keeps_its_level_for_the_fourteen_days():
    rumour = state_of(seen(10, 10, of="MKT", by="web"))

    first = swept(MEDIUM, rumour)
    last = swept(first.standing, rumour, 15)

    assert first.standing == Standing(Level.MEDIUM, date(2026, 3, 2), Level.MEDIUM)
    assert last == Decision(Standing(), Reason.WITHDRAWN)


@pytest.mark.parametrize("occasion", [FAILED, PASSED, RETRACTED, DESCRIBED])
@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_a_failed_compulsory_standard_sets_at_least_high(occasion, severity):
    floored = state_of(seen(0, 100), checked(failed=True))

    assert after(Standing(Level.LOW), floored, occasion, severity).standing.level is Level.HIGH


def test_a_floor_is_told_as_such():
    floored = state_of(seen(0, 100), checked(failed=True))

    assert after(MEDIUM, floored, FAILED) == Decision(HIGH, Reason.FLOORED)


def test_a_floor_holds_also_before_there_is_an_assessment():
    decision = after(Standing(), state_of(checked(failed=True)), FAILED)

    assert decision == Decision(HIGH, Reason.STARTED)


def test_a_floor_leaves_what_is_higher():
    serious = Standing(Level.SERIOUS, None, Level.MEDIUM)

    assert after(serious, state_of(seen(40, 40), checked(failed=True)), FAILED).standing == serious


def test_a_floor_never_lets_opinion_that_is_not_worth_a_trial_go_higher():
    limits = replace(POLICY.thresholds, floor=Level.LOW)
    policy = replace(POLICY, thresholds=limits)
    rumour = state_of(seen(9, 9, of="MKT", by="web"), checked(failed=True))

    decision = after_event(Standing(Level.LOW), rumour, goods(3), policy, FAILED)

    assert decision.standing.level is Level.LOW


def test_a_passed_retest_begins_the_fourteen_days():
    lifted = state_of(seen(0, 100), checked(failed=True, at=NOON - DAY), checked(failed=False))

    first = after(HIGH, lifted, PASSED)
    last = swept(first.standing, lifted, 14)

    assert first.standing == Standing(Level.HIGH, TODAY, Level.MEDIUM)
    assert last == Decision(Standing(Level.LOW, None, Level.MEDIUM), Reason.LOWERED)


def test_a_floor_without_assessment_is_withdrawn_fourteen_days_after_its_retest():
    lifted = state_of(checked(failed=True, at=NOON - DAY), checked(failed=False))

    first = after(HIGH, lifted, PASSED)

    assert swept(first.standing, lifted, 14) == Decision(Standing(), Reason.WITHDRAWN)


def test_a_floor_ends_with_the_freshness_of_its_sample():
    floored = state_of(seen(0, 100), checked(failed=True))

    assert swept(HIGH, floored, 365).standing == HIGH
    assert swept(HIGH, floored, 366).standing.below_since is not None


@pytest.mark.parametrize(
    ("others", "level"),
    [
        ((), Level.HIGH),
        ((seen(0, 1),), Level.HIGH),
        ((seen(0.4, 1),), Level.HIGH),
        ((seen(0.5, 1),), Level.SERIOUS),
        ((seen(1, 1, by="commissioned_inspection"),), Level.SERIOUS),
        ((seen(0.9, 1, by="commissioned_inspection"),), Level.HIGH),
        ((counted(1, 1),), Level.SERIOUS),
    ],
)
def test_opinion_makes_serious_only_beside_half_a_failure_of_others(others, level):
    heard = [seen(10, 10, of="OPIN", by="web") for _ in range(300)]

    decision = after(HIGH, state_of(*heard, *others), FAILED, severity=4)

    assert decision.standing.level is level


def test_serious_that_stands_on_opinion_alone_is_not_held():
    serious = Standing(Level.SERIOUS, None, Level.MEDIUM)
    heard = state_of(*(seen(10, 10, of="OPIN", by="web") for _ in range(300)))

    assert after(serious, heard, PASSED, severity=4).standing.below_since == TODAY


def test_a_failure_never_lowers_even_when_the_days_have_passed():
    quiet = Standing(Level.HIGH, date(2026, 1, 1), Level.MEDIUM)

    assert after(quiet, state_of(seen(1, 100)), FAILED).standing == quiet
    assert after(quiet, state_of(seen(1, 100)), PASSED).standing.level < Level.HIGH


@pytest.mark.parametrize(("count", "days", "level"), [(0, 30, Level.MEDIUM), (12, 90, Level.HIGH)])
def test_counts_raise_a_level_as_failures_do(count, days, level):
    assert after(MEDIUM, state_of(counted(count, days)), FAILED).standing.level is level


PIECES = st.builds(
    seen,
    st.integers(0, 2),
    st.integers(2, 12),
    of=st.sampled_from(["COPY", "QUAL", "MKT"]),
    by=st.sampled_from(["national_spot_check", "enforcement", "web"]),
    at=st.integers(NOON - 100 * DAY, NOON),
)
STANDINGS = st.builds(
    Standing,
    st.sampled_from(list(Level)[1:]),
    st.none() | st.dates(date(2026, 1, 1), TODAY),
    st.just(Level.LOW),
)


@given(standing=STANDINGS, pieces=st.lists(PIECES, max_size=6), severity=st.integers(1, 4))
def test_a_pass_never_raises(standing, pieces, severity):
    decision = after(standing, state_of(*pieces, seen(0, 3)), PASSED, severity)

    assert decision.standing.level <= standing.level


@given(
    standing=STANDINGS,
    pieces=st.lists(PIECES, max_size=6),
    days=st.integers(0, 400),
    severity=st.integers(1, 4),
)
def test_time_alone_never_raises(standing, pieces, days, severity):
    decision = swept(standing, state_of(*pieces), days, severity)

    assert decision.standing.level <= standing.level


@given(standing=STANDINGS, pieces=st.lists(PIECES, max_size=6), severity=st.integers(1, 4))
def test_what_was_redecided_stays_until_something_happens(standing, pieces, severity):
    state = state_of(*pieces)

    once = after(standing, state, RETRACTED, severity).standing

    assert after(once, state, RETRACTED, severity).standing == once


@given(
    pieces=st.lists(PIECES, min_size=1, max_size=12),
    cuts=st.lists(st.booleans(), min_size=12, max_size=12),
    severity=st.integers(1, 4),
)
@settings(max_examples=60)
def test_levels_do_not_depend_on_where_batches_are_cut(pieces, cuts, severity):
    in_one_go = _path(pieces, [False] * len(pieces), severity)

    assert _path(pieces, cuts, severity) == in_one_go


@given(pieces=st.lists(PIECES, min_size=1, max_size=6), severity=st.integers(1, 4))
def test_retracting_everything_leaves_nothing_assessed(pieces, severity):
    state = state_of(*pieces)
    for piece in pieces:
        state = retract(state, piece)

    assert after(HIGH, state, RETRACTED, severity).standing == Standing()


def _path(pieces, cuts, severity):
    """Return where a product stood after each event, stored and read again at every cut."""
    state, standing, path = EMPTY, Standing(), []
    for day, (piece, cut) in enumerate(zip(pieces, cuts, strict=False)):
        state = fold(decode(encode(state)) if cut else state, piece)
        cause = Cause.FAILURE if piece.failures_millionths else Cause.PASS
        occasion = Occasion(NOON + day * DAY, cause)
        standing = after(standing, state, occasion, severity).standing
        path.append(standing)
    return path
