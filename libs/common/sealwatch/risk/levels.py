"""The level in force: it rises at once, falls after a quiet time, and never rises by waiting.

P_l is the greatest chance, over the factors that enter, that the level is at least l. It falls
as l climbs, and the policy's proof has every chance to rise at above the one to fall below, so
that neighbours are asked first and most questions need none of the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sealwatch.risk.beliefs import (
    Either,
    beliefs,
    corroborating,
    entering,
    is_assessable,
    without_opinion,
)
from sealwatch.risk.facts import Facts
from sealwatch.risk.floors import floor_at
from sealwatch.risk.policy import GRADED, Level, Policy
from sealwatch.risk.state import State
from sealwatch.risk.yardstick import Yardstick, yardstick

DAY = 86_400
_NO_FLOOR = Level.NOT_ASSESSED
_EPOCH = date(1970, 1, 1).toordinal()


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


REDECIDING = frozenset({Cause.RETRACTION, Cause.FACTS, Cause.POLICY})


class Occasion(NamedTuple):
    """When something was recorded (whole Unix seconds), and what kind of thing it was."""

    at: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Standing:
    """The level in force, since when the evidence no longer holds it, and where it started."""

    level: Level = Level.NOT_ASSESSED
    below_since: date | None = None
    start: Level | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a product stands now, and why."""

    standing: Standing
    reason: Reason


class _Case:
    """Questions about one product at one instant; the sums are read when the first needs them."""

    __slots__ = ("_entering", "_firm", "assessable", "at", "floor", "state", "stick")

    def __init__(self, state: State, stick: Yardstick, at: int) -> None:
        self.state, self.stick, self.at = state, stick, at
        self.assessable = is_assessable(state, stick, at)
        self.floor = floor_at(state.floors, at, stick.policy.thresholds) if state.floors else _NO_FLOOR
        self._entering: Sequence[Either] | None = None
        self._firm: Sequence[Either] | None = None

    @property
    def today(self) -> date:
        return date.fromordinal(_EPOCH + self.at // DAY)

    def holds(self, level: Level) -> bool:
        """Return whether the evidence still supports a level in force."""
        if level <= self.floor:
            return True
        if level <= Level.LOW or not self.assessable:
            return self.assessable
        return self._reaches(level, self.stick.policy.thresholds.fall_below)

    def supported(self, below: Level) -> Level:
        """Return the highest level under ``below`` that the evidence supports."""
        lower = reversed(GRADED[: below - 1])
        return next((level for level in lower if self.holds(level)), Level.NOT_ASSESSED)

    def raised(self, level: Level) -> Level:
        """Return the highest level that the evidence is sure enough of, at least ``level``."""
        while self.assessable and level < Level.SERIOUS and self._is_sure_of(Level(level + 1)):
            level = Level(level + 1)
        return level

    def _is_sure_of(self, level: Level) -> bool:
        limits = self.stick.policy.thresholds
        if self._reaches(level, limits.raise_at[level]):
            return True
        if level < Level.SERIOUS or not self._reaches(level, limits.serious_corroborated):
            return False
        classes = corroborating(self.state, self.stick, self.at)
        return classes >= limits.corroborating_classes

    def _reaches(self, level: Level, chance: float) -> bool:
        """Return whether P_level is at least ``chance``."""
        for belief in self._firmly() if level is Level.SERIOUS else self._enters():
            if belief.reaches(level, chance):
                return True
        return False

    def _enters(self) -> Sequence[Either]:
        if self._entering is None:
            self._entering = entering(beliefs(self.state, self.stick, self.at), self.stick)
        return self._entering

    def _firmly(self) -> Sequence[Either]:
        """Return what enters where Serious is asked about: opinion only beside other failures."""
        if self._firm is None:
            firm = without_opinion(self.state, self.stick, self.at)
            same = firm is self.state
            self._firm = self._enters() if same else entering(beliefs(firm, self.stick, self.at), self.stick)
        return self._firm


def after_event(
    standing: Standing, state: State, facts: Facts, policy: Policy, occasion: Occasion
) -> Decision:
    """Return where a product stands once ``state`` or ``facts`` hold what just happened."""
    case = _Case(state, yardstick(policy, facts), occasion.at)
    if standing.level is not Level.NOT_ASSESSED:
        return _followed(standing, case, occasion.cause)
    if not case.assessable and not case.floor:
        return Decision(standing, Reason.NOT_ASSESSED)
    begun = Standing(case.stick.start, None, case.stick.start)
    return Decision(_followed(begun, case, occasion.cause).standing, Reason.STARTED)


def after_sweep(standing: Standing, state: State, facts: Facts, policy: Policy, midnight: int) -> Decision:
    """Return where a product stands at 00:00 UTC: as before, or lower because evidence faded."""
    if standing.level is Level.NOT_ASSESSED:
        return Decision(standing, Reason.NOT_ASSESSED)
    case = _Case(state, yardstick(policy, facts), midnight)
    return _kept(standing, None) if case.holds(standing.level) else _faded(standing, case, None)


def _followed(standing: Standing, case: _Case, cause: Cause) -> Decision:
    """Apply the rules of an event; what no longer holds cannot be sure enough to rise."""
    if not case.holds(standing.level):
        at_once = cause in REDECIDING
        return _lowered(standing, case, Reason.REDECIDED) if at_once else _faded(standing, case, cause)
    least = max(standing.level, case.floor) if case.floor else standing.level
    raised = least if cause is Cause.PASS else case.raised(least)
    if raised is standing.level:
        return _kept(standing, None)
    return Decision(Standing(raised, None, standing.start), _why(raised, case, cause))


def _why(raised: Level, case: _Case, cause: Cause) -> Reason:
    if cause in REDECIDING:
        return Reason.REDECIDED
    return Reason.FLOORED if raised is case.floor else Reason.RAISED


def _faded(standing: Standing, case: _Case, cause: Cause | None) -> Decision:
    """Lower a level that was not held for the policy's days; until then remember since when.

    A failure never lowers: where its days have passed the next pass or sweep does.
    """
    since = standing.below_since or case.today
    if cause is Cause.FAILURE:
        return _kept(standing, since)
    if (case.today - since).days >= case.stick.policy.thresholds.fall_after_days:
        return _lowered(standing, case, Reason.LOWERED)
    return _kept(standing, since)


def _lowered(standing: Standing, case: _Case, reason: Reason) -> Decision:
    level = case.supported(standing.level)
    if level is Level.NOT_ASSESSED:
        return Decision(Standing(), Reason.WITHDRAWN)
    return Decision(Standing(level, None, standing.start), reason)


def _kept(standing: Standing, since: date | None) -> Decision:
    if since != standing.below_since:
        standing = Standing(standing.level, since, standing.start)
    return Decision(standing, Reason.UNCHANGED)
