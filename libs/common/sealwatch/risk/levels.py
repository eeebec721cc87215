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

from sealwatch.risk.beliefs import Belief, beliefs, corroborating, entering, is_assessable
from sealwatch.risk.facts import Facts
from sealwatch.risk.policy import GRADED, Level, Policy
from sealwatch.risk.posterior import reaches
from sealwatch.risk.state import State
from sealwatch.risk.yardstick import Yardstick, yardstick

DAY = 86_400
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

    __slots__ = ("_entering", "assessable", "at", "state", "stick")

    def __init__(self, state: State, stick: Yardstick, at: int) -> None:
        self.state, self.stick, self.at = state, stick, at
        self.assessable = is_assessable(state, stick, at)
        self._entering: Sequence[Belief] | None = None

    @property
    def today(self) -> date:
        return date.fromordinal(_EPOCH + self.at // DAY)

    def holds(self, level: Level) -> bool:
        """Return whether the evidence still supports a level in force."""
        if level <= Level.LOW or not self.assessable:
            return self.assessable
        return self._reaches(level, self.stick.policy.thresholds.fall_below)

    def supported(self, below: Level) -> Level:
        """Return the highest level under ``below`` that the evidence supports."""
        lower = reversed(GRADED[: below - 1])
        return next((level for level in lower if self.holds(level)), Level.NOT_ASSESSED)

    def raised(self, level: Level) -> Level:
        """Return the highest level that the evidence is sure enough of, at least ``level``."""
        while level < Level.SERIOUS and self._is_sure_of(Level(level + 1)):
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
        if self._entering is None:
            self._entering = entering(beliefs(self.state, self.stick, self.at), self.stick)
        for belief in self._entering:
            if reaches(belief.alpha, belief.beta, belief.measure.rates[level], chance):
                return True
        return False


def after_event(
    standing: Standing, state: State, facts: Facts, policy: Policy, occasion: Occasion
) -> Decision:
    """Return where a product stands once ``state`` or ``facts`` hold what just happened."""
    case = _Case(state, yardstick(policy, facts), occasion.at)
    if standing.level is not Level.NOT_ASSESSED:
        return _followed(standing, case, occasion.cause)
    if not case.assessable:
        return Decision(standing, Reason.NOT_ASSESSED)
    begun = Standing(case.stick.start, None, case.stick.start)
    return Decision(_followed(begun, case, occasion.cause).standing, Reason.STARTED)


def after_sweep(standing: Standing, state: State, facts: Facts, policy: Policy, midnight: int) -> Decision:
    """Return where a product stands at 00:00 UTC: as before, or lower because evidence faded."""
    if standing.level is Level.NOT_ASSESSED:
        return Decision(standing, Reason.NOT_ASSESSED)
    case = _Case(state, yardstick(policy, facts), midnight)
    return _kept(standing, None) if case.holds(standing.level) else _faded(standing, case)


def _followed(standing: Standing, case: _Case, cause: Cause) -> Decision:
    """Apply the rules of an event; what no longer holds cannot be sure enough to rise."""
    if not case.holds(standing.level):
        at_once = cause in REDECIDING
        return _lowered(standing, case, Reason.REDECIDED) if at_once else _faded(standing, case)
    raised = standing.level if cause is Cause.PASS else case.raised(standing.level)
    if raised is standing.level:
        return _kept(standing, None)
    reason = Reason.REDECIDED if cause in REDECIDING else Reason.RAISED
    return Decision(Standing(raised, None, standing.start), reason)


def _faded(standing: Standing, case: _Case) -> Decision:
    """Lower a level that was not held for the policy's days; until then remember since when."""
    since = standing.below_since or case.today
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
