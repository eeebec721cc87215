"""The level in force: it rises at once, falls after a quiet time, and never rises by waiting.

P_l is the greatest chance, over the factors that enter, that the level is at least l. It falls
as l climbs, and the policy's proof has every chance to rise at above the one to fall below, so
that neighbours are asked first and most questions need none of the others.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sealwatch.risk.case import Case, case_of
from sealwatch.risk.facts import Facts
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import State


class Cause(StrEnum):
    """What happened to a product, as far as its level depends on it."""

    FAILURE = "failure"
    PASS = "pass"  # noqa: S105  not a password
    RETRACTION = "retraction"
    FACTS = "facts"
    POLICY = "policy"


class Reason(StrEnum):
    """Why a product stands where it stands after an event or a sweep."""

    UNCHANGED = "unchanged"
    NOT_ASSESSED = "not_assessed"
    STARTED = "started"
    RAISED = "raised"
    FLOORED = "floored"
    LOWERED = "lowered"
    REDECIDED = "redecided"
    WITHDRAWN = "withdrawn"
    OVERRIDDEN = "overridden"
    OVERRIDE_ENDED = "override_ended"


REDECIDING = frozenset({Cause.RETRACTION, Cause.FACTS, Cause.POLICY})


class Occasion(NamedTuple):
    """When something was recorded (whole Unix seconds), and what kind of thing it was."""

    at: int
    cause: Cause


class Standing(NamedTuple):
    """The level in force, since when the evidence no longer holds it, and where it started."""

    level: Level = Level.NOT_ASSESSED
    below_since: date | None = None
    start: Level | None = None


class Decision(NamedTuple):
    """Where a product stands now, and why."""

    standing: Standing
    reason: Reason


def after_event(
    standing: Standing, state: State, facts: Facts, policy: Policy, occasion: Occasion
) -> Decision:
    """Return where a product stands once ``state`` or ``facts`` hold what just happened."""
    return decided(standing, case_of(state, facts, policy, occasion.at), occasion.cause)


def decided(standing: Standing, case: Case, cause: Cause) -> Decision:
    """Return where a product stands once what ``case`` asks about has happened."""
    if standing.level is not Level.NOT_ASSESSED:
        return _followed(standing, case, cause)
    if not case.assessable and not case.floor:
        return Decision(standing, Reason.NOT_ASSESSED)
    begun = Standing(case.stick.start, None, case.stick.start)
    return Decision(_followed(begun, case, cause).standing, Reason.STARTED)


def after_sweep(standing: Standing, state: State, facts: Facts, policy: Policy, midnight: int) -> Decision:
    """Return where a product stands at 00:00 UTC: as before, or lower because evidence faded."""
    return swept(standing, case_of(state, facts, policy, midnight))


def swept(standing: Standing, case: Case) -> Decision:
    """Return where a product stands after the sweep that ``case`` is asked at."""
    if standing.level is Level.NOT_ASSESSED:
        return Decision(standing, Reason.NOT_ASSESSED)
    return _kept(standing, None) if case.holds(standing.level) else _faded(standing, case, None)


def _followed(standing: Standing, case: Case, cause: Cause) -> Decision:
    """Apply the rules of an event; what no longer holds cannot be sure enough to rise."""
    if not case.holds(standing.level):
        at_once = cause in REDECIDING
        return _lowered(standing, case, Reason.REDECIDED) if at_once else _faded(standing, case, cause)
    least = max(standing.level, case.floor) if case.floor else standing.level
    raised = least if cause is Cause.PASS else case.raised(least)
    if raised is standing.level:
        return _kept(standing, None)
    return Decision(Standing(raised, None, standing.start), _why(raised, case, cause))


def _why(raised: Level, case: Case, cause: Cause) -> Reason:
    if cause in REDECIDING:
        return Reason.REDECIDED
    return Reason.FLOORED if raised is case.floor else Reason.RAISED


def _faded(standing: Standing, case: Case, cause: Cause | None) -> Decision:
    """Lower a level that was not held for the policy's days; until then remember since when.

    A failure never lowers: where its days have passed the next pass or sweep does.
    """
    since = standing.below_since or case.today
    if cause is Cause.FAILURE:
        return _kept(standing, since)
    if (case.today - since).days >= case.stick.policy.thresholds.fall_after_days:
        return _lowered(standing, case, Reason.LOWERED)
    return _kept(standing, since)


def _lowered(standing: Standing, case: Case, reason: Reason) -> Decision:
    level = case.supported(standing.level)
    if level is Level.NOT_ASSESSED:
        return Decision(Standing(), Reason.WITHDRAWN)
    return Decision(Standing(level, None, standing.start), reason)


def _kept(standing: Standing, since: date | None) -> Decision:
    if since != standing.below_since:
        standing = Standing(standing.level, since, standing.start)
    return Decision(standing, Reason.UNCHANGED)
