from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.flips import MOST, Lever, Scene, fall, firmest, rise
from sealwatch.risk.levels import Cause, Standing
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY
from tests.unit.risk.given import NOON, POLICY, SPECIAL, checked, counted, goods, seen, state_of

COPY, INTG = Lever("COPY", counted=False), Lever("INTG", counted=True)
PIECES = st.builds(
    seen,
    st.integers(0, 3),
    st.integers(3, 30),
    of=st.sampled_from(["COPY", "QUAL", "MKT"]),
    by=st.sampled_from(["national_spot_check", SPECIAL, "commissioned_inspection", "web"]),
) | st.builds(counted, st.integers(0, 3), st.integers(1, 90))
LEVELS = st.sampled_from(list(Level)[1:])


def scene(level, *said, severity=3):
    return Scene(Standing(level, None, Level.LOW), state_of(*said), goods(severity), POLICY, NOON)


def test_the_fewest_failures_that_raise_are_found():
    flip = rise(scene(Level.MEDIUM, seen(2, 30)))

    assert (flip.levers, flip.failures, flip.trials) == ((COPY,), 2, 2)
    assert (flip.before, flip.after, flip.at_once) == (Level.MEDIUM, Level.HIGH, True)
    assert flip.source_class == "enforcement"


def test_the_fewest_passes_that_no_longer_hold_a_level_are_found():
    """At severity 3 six clean trials leave Medium: 0 of 6 is just below one half."""
    flip = fall(scene(Level.MEDIUM, seen(0, 1)))

    assert (flip.levers, flip.failures, flip.trials) == ((COPY,), 0, 5)
    assert (flip.after, flip.at_once) == (Level.LOW, False)


def test_the_factor_that_needs_least_is_named():
    flip = rise(scene(Level.MEDIUM, seen(0, 300, of="QUAL"), seen(1, 5)))

    assert flip.levers == (COPY,)


def test_where_several_factors_hold_a_level_each_needs_the_passes():
    flip = fall(scene(Level.HIGH, seen(3, 10), seen(3, 10, of="QUAL")))

    assert flip.levers == (COPY, Lever("QUAL", counted=False))


def test_incidents_are_answered_in_days():
    up, down = rise(scene(Level.MEDIUM, counted(1, 90))), fall(scene(Level.HIGH, counted(12, 90)))

    assert (up.levers, up.trials) == ((INTG,), 0)
    assert (down.levers, down.failures) == ((INTG,), 0)
    assert down.trials > 90


@pytest.mark.parametrize("level", [Level.NOT_ASSESSED, Level.LOW])
def test_what_cannot_fall_has_no_fall(level):
    assert fall(scene(level, seen(0, 1))) is None


def test_serious_has_no_rise():
    assert rise(scene(Level.SERIOUS, seen(40, 40))) is None


def test_a_level_that_is_already_fading_needs_no_more_passes():
    assert fall(scene(Level.HIGH, seen(0, 100))) is None


def test_no_number_of_passes_lowers_a_floor():
    assert fall(scene(Level.HIGH, seen(3, 10), checked(failed=True))) is None


def test_without_evidence_any_factor_can_start_a_level():
    flip = rise(Scene(Standing(), EMPTY, goods(3), POLICY, NOON))

    assert (flip.failures, flip.before) == (1, Level.NOT_ASSESSED)


def test_a_change_that_nobody_could_make_is_none():
    assert rise(scene(Level.HIGH, seen(0, 10**6), seen(0, 1, of="COPY"), severity=1)) is None


def test_the_firmest_source_class_is_no_opinion():
    assert firmest(POLICY) == "enforcement"


@given(level=LEVELS, said=st.lists(PIECES, min_size=1, max_size=4), severity=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_rise_is_the_smallest_that_scoring_confirms(level, said, severity):
    now = scene(level, *said, severity=severity)

    flip = rise(now)

    if flip is not None:
        assert _after(now, flip, flip.failures, Cause.FAILURE).level is flip.after > level
        assert flip.failures <= MOST
    if flip is not None and flip.failures > 1:
        assert _after(now, flip, flip.failures - 1, Cause.FAILURE).level is level


@given(level=LEVELS, said=st.lists(PIECES, min_size=1, max_size=4), severity=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_a_fall_is_the_smallest_that_scoring_confirms(level, said, severity):
    now = scene(level, *said, severity=severity)

    flip = fall(now)

    if flip is not None:
        assert _after(now, flip, flip.trials, Cause.PASS).below_since is not None
        assert _after(now, flip, flip.trials - 1, Cause.PASS).below_since is None
        assert _after(now, flip, flip.trials, Cause.POLICY).level is flip.after < level


def _after(now, flip, count, cause):
    """Return the standing after so many failures or passes; no piece at all where it is none."""
    failed = cause is Cause.FAILURE
    more = [
        counted(count * failed, count * (not failed), of=lever.factor, by=flip.source_class)
        if lever.counted
        else seen(count * failed, count, of=lever.factor, by=flip.source_class)
        for lever in flip.levers
    ]
    return now.after(more if count else [], cause)


def test_further_evidence_is_never_asked_of_a_targeted_side():
    weights = dict.fromkeys(POLICY.source_weights, 0.5) | {SPECIAL: 1.0}

    assert firmest(replace(POLICY, source_weights=weights)) == "commissioned_inspection"
