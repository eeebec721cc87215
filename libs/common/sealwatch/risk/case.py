"""One product at one instant: what it holds, where it ranks, and which levels its evidence supports."""

from collections.abc import Sequence
from datetime import date

from sealwatch.risk.beliefs import (
    Either,
    corroborating,
    entered,
    is_assessable,
    without_opinion,
)
from sealwatch.risk.facts import Facts
from sealwatch.risk.floors import floor_at
from sealwatch.risk.index import Item, Ranking, expected
from sealwatch.risk.policy import GRADED, Level, Policy
from sealwatch.risk.state import State
from sealwatch.risk.yardstick import Yardstick, yardstick

DAY = 86_400
_NO_FLOOR = Level.NOT_ASSESSED
_EPOCH = date(1970, 1, 1).toordinal()


class Case:
    """Questions about one product at one instant; the sums are read when the first needs them."""

    __slots__ = ("_entering", "_firm", "_ranking", "assessable", "at", "floor", "state", "stick")

    def __init__(self, state: State, stick: Yardstick, at: int) -> None:
        """Keep the state, the policy as it applies to these goods, and the instant in Unix seconds."""
        self.state, self.stick, self.at = state, stick, at
        self.assessable = is_assessable(state, stick, at)
        self.floor = floor_at(state.floors, at, stick.policy.thresholds) if state.floors else _NO_FLOOR
        self._entering: Sequence[Either] | None = None
        self._firm: Sequence[Either] | None = None
        self._ranking: Ranking | None = None

    @property
    def ranking(self) -> Ranking:
        """Return level, index and main factor by closed formulas only, cheap enough for every event."""
        if self._ranking is None:
            self._ranking = self._ranked()
        return self._ranking

    def _ranked(self) -> Ranking:
        if not self.assessable:
            return Ranking(Level.NOT_ASSESSED, self.stick.severity)
        return expected(self._enters(), self.stick.policy.matrix)

    @property
    def today(self) -> date:
        """Return the UTC day."""
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
            self._entering = entered(self.state, self.stick, self.at)
        return self._entering

    def _firmly(self) -> Sequence[Either]:
        """Return what enters where Serious is asked about: opinion only beside other failures."""
        if self._firm is None:
            firm = without_opinion(self.state, self.stick, self.at)
            same = firm is self.state
            self._firm = self._enters() if same else entered(firm, self.stick, self.at)
        return self._firm


def case_of(state: State, facts: Facts, policy: Policy, at: int) -> Case:
    """Return the case of a product under a policy."""
    return Case(state, yardstick(policy, facts), at)


def rank(item: Item, policy: Policy) -> Ranking:
    """Return level, index and main factor of one product."""
    return case_of(item.state, item.facts, policy, item.at).ranking
