"""What the model promises for every history, however odd."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.contracts.log import DescribedFacts
from sealwatch.risk.case import rank
from sealwatch.risk.floors import Check
from sealwatch.risk.index import Item
from sealwatch.risk.levels import Cause, Occasion, Standing, after_event, after_sweep
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY, fold, retract
from sealwatch.scoring.product import Product
from sealwatch.scoring.sweep import sweep
from tests.unit.risk.given import DAY, NOON, POLICY, checked, counted, goods, seen, state_of

LABORATORY = ("COPY", "QUAL", "STAB")
OFFICES = ("national_spot_check", "enforcement", "commissioned_inspection")
OPINION = ("web", "user_report", "code_scan")
AGES = st.integers(NOON - 300 * DAY, NOON)
TRIALS = st.builds(
    seen,
    st.integers(0, 3),
    st.integers(3, 20),
    of=st.sampled_from(LABORATORY),
    by=st.sampled_from(OFFICES),
    at=AGES,
)
COUNTS = st.builds(
    counted, st.integers(0, 3), st.integers(0, 90), of=st.just("INTG"), by=st.sampled_from(OFFICES), at=AGES
)
HEARD = st.builds(
    seen,
    st.integers(0, 10),
    st.just(10),
    of=st.sampled_from(["MKT", "OPIN", "TRAC"]),
    by=st.sampled_from(OPINION),
    at=AGES,
)
CHECKS = st.builds(Check, st.just("GB 1"), st.sampled_from(["lead", "tin"]), AGES, st.booleans())
ANYTHING = TRIALS | COUNTS | HEARD
HISTORIES = st.lists(ANYTHING | CHECKS, max_size=10)
SEVERITIES = st.integers(1, 4)
GRADED = st.sampled_from(list(Level)[1:])


def cause_of(said) -> Cause:
    return Cause.FAILURE if said.failed else Cause.PASS


def told(standing, state, severity, said, at=NOON):
    return after_event(standing, state, goods(severity), POLICY, Occasion(at, cause_of(said))).standing


def lived(history, severity):
    """Return state and standing after a history, an event a day, a sweep every midnight."""
    state, standing, at = EMPTY, Standing(), NOON
    for said in history:
        state = fold(state, said)
        standing = told(standing, state, severity, said, at)
        at += DAY
        standing = after_sweep(standing, state, goods(severity), POLICY, at - at % DAY).standing
    return state, standing, at


@given(
    history=st.lists(TRIALS | CHECKS, max_size=10),
    failure=st.builds(seen, n := st.shared(st.integers(1, 5)), n, of=st.sampled_from(LABORATORY)),
    severity=SEVERITIES,
)
def test_a_failure_never_lowers_an_index(history, failure, severity):
    before = state_of(*history)

    raised = rank(Item(fold(before, failure), goods(severity), NOON), POLICY)

    assert (raised.index or 0.0) >= (rank(Item(before, goods(severity), NOON), POLICY).index or 0.0)


@given(history=HISTORIES, level=GRADED, since=st.none() | st.dates(date(2025, 1, 1), date(2026, 3, 1)))
def test_a_failure_never_lowers_a_level(history, level, since):
    state = fold(state_of(*history), seen(1, 1))

    assert told(Standing(level, since, Level.LOW), state, 3, seen(1, 1)).level >= level


@given(history=HISTORIES, severity=SEVERITIES, of=st.sampled_from([*LABORATORY, "MKT", "OPIN"]))
def test_a_pass_never_raises_an_index(history, severity, of):
    before = state_of(seen(0, 1, of="RECG"), *history)

    lowered = rank(Item(fold(before, seen(0, 3, of=of)), goods(severity), NOON), POLICY)

    assert lowered.index <= rank(Item(before, goods(severity), NOON), POLICY).index


@given(history=HISTORIES, severity=SEVERITIES, days=st.integers(0, 30))
def test_days_without_an_incident_never_raise_an_index(history, severity, days):
    before = state_of(counted(0, 1), *history)

    lowered = rank(Item(fold(before, counted(0, days)), goods(severity), NOON), POLICY)

    assert lowered.index <= rank(Item(before, goods(severity), NOON), POLICY).index


@given(history=st.lists(ANYTHING, max_size=10), severity=SEVERITIES)
@settings(max_examples=40)
def test_a_level_rises_only_at_failures_and_so_never_flaps(history, severity):
    state, standing, at = lived(history, severity)
    path = [standing]
    for day in range(60):
        state = fold(state, seen(0, 1, at=at + day * DAY))
        path.append(told(path[-1], state, severity, seen(0, 1), at + day * DAY))

    assert [each.level for each in path[1:]] == sorted((each.level for each in path[1:]), reverse=True)


@given(history=HISTORIES, severity=SEVERITIES)
def test_the_same_failure_seen_again_without_new_evidence_changes_nothing(history, severity):
    state = fold(state_of(*history), seen(1, 1))
    once = told(Standing(), state, severity, seen(1, 1))

    assert told(once, state, severity, seen(1, 1)) == once


@given(history=HISTORIES | st.lists(HEARD, min_size=1, max_size=3), severity=SEVERITIES)
@settings(max_examples=40, deadline=None)
def test_in_two_years_of_waiting_nothing_rises_and_nothing_is_stuck(history, severity):
    state, standing, at = lived(history, severity)
    facts, last = goods(severity), POLICY.thresholds.fall_after_days
    held = Product("P1", 0, DescribedFacts(facts.category, severity), 1, state, standing)
    for day in range(1, 731):
        midnight = at - at % DAY + day * DAY
        after = after_sweep(standing, state, facts, POLICY, midnight).standing
        today = date.fromordinal(date(1970, 1, 1).toordinal() + midnight // DAY)
        assert after.level <= standing.level
        assert after.below_since is None or (today - after.below_since).days < last
        ended = today - timedelta(days=1)
        [held] = sweep([held], ended, ended, POLICY)[0] or [held]
        assert held.standing == after  # the scorer leaves no product out whose turn the rule says it is
        standing = after


@given(
    heard=st.lists(HEARD, min_size=1, max_size=8),
    times=st.integers(1, 200),
    passed=st.lists(st.builds(seen, st.just(0), st.integers(1, 20)), max_size=2),
    severity=SEVERITIES,
)
@settings(max_examples=40)
def test_opinion_alone_never_makes_serious(heard, times, passed, severity):
    state = state_of(*passed, *heard * times)

    assert told(Standing(), state, severity, seen(1, 1)).level < Level.SERIOUS


@given(history=HISTORIES, standing=st.builds(Standing, st.sampled_from(list(Level))), severity=SEVERITIES)
def test_an_open_floor_holds_whatever_else_is_known(history, standing, severity):
    state = fold(state_of(*history), checked(failed=True, at=NOON + 1))

    for said in (seen(1, 1), seen(0, 1)):
        assert told(standing, state, severity, said).level >= Level.HIGH


@given(history=st.lists(ANYTHING, max_size=8), taken=st.lists(ANYTHING, max_size=4), data=st.data())
def test_what_was_taken_back_leaves_the_same_index(history, taken, data):
    state = state_of(*data.draw(st.permutations([*history, *taken])))
    for said in taken:
        state = retract(state, said)

    assert rank(Item(state, goods(3), NOON), POLICY) == rank(Item(state_of(*history), goods(3), NOON), POLICY)
