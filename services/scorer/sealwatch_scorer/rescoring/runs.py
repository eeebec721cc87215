"""The events of one product within one day, folded into sums of its own and decided as seldom as can be.

A level in force depends on the order of events, yet between two failures of one day only the last pass
counts: a pass never raises a level, none is lowered on the day that it was first not held (the proof of a
policy has at least one day), and since when it is not held is that day whichever pass said so. So a pass is
decided at the end of the day, or when something else happens first. Where more hangs on it, it is decided at
once: before a level is begun, while days of not being held are counted from an earlier day, and where a floor
is above the level. Pure.
"""

from datetime import date

from msgspec.structs import replace

from sealwatch.risk.case import case_of
from sealwatch.risk.decay import factor_at
from sealwatch.risk.floors import NEVER, Clause, Dates, floor_at
from sealwatch.risk.freshness import is_stale
from sealwatch.risk.levels import Cause, decided
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import Key, State, Sums
from sealwatch.scoring.product import Product
from sealwatch_scorer.rescoring.lines import Line
from sealwatch_scorer.rescoring.shapes import Shape

_NO_DATES = (NEVER, NEVER)


class Run:
    """One product under way; ``changes`` counts how often its level in force moved."""

    __slots__ = (
        "_before", "_events", "_floors", "_is_eager", "_is_sorted", "_newest", "_pieces", "_policy", "_sums",
        "_undecided", "changes", "last",
    )  # fmt: skip

    def __init__(self, product: Product, policy: Policy, line: Line) -> None:
        """Begin with a product as it stands before this line, the first of its day."""
        state = product.state
        self._before, self._policy = product, policy
        self._sums: dict[Key, Sums] = dict(state.sums)
        self._floors: dict[Clause, Dates] = dict(state.floors)
        self._pieces, self._events, self._newest = state.pieces, product.events, product.newest_at
        self._is_sorted = True
        self._undecided: Line | None = None  # the newest pass that is still to be decided
        self._is_eager = is_delicate(product, policy, line.at)
        self.last = line
        self.changes = 0

    def take(self, line: Line, at: int, shape: Shape) -> None:
        """Take one line, when it occurred, and what it says."""
        moves, checks, failed, weighs, said = shape
        self._events += 1
        self.last = line
        if not said:
            return
        if moves:
            self._fold(at, moves)
        for clause, is_failure in checks:
            self._note(clause, at, is_failure=is_failure)
        if weighs and (self._newest is None or at > self._newest):
            self._newest = at
        if failed or self._is_eager:
            self._decide(line, Cause.FAILURE if failed else Cause.PASS)
        else:
            self._undecided = line

    def ended(self) -> Product:
        """Return the product as it stands after the last line."""
        if self._undecided is not None:
            self._decide(self._undecided, Cause.PASS)
        before, events = self._before, self._events
        return before if before.events == events else replace(before, events=events)

    def _fold(self, at: int, moves: tuple[tuple[Key, int, int], ...]) -> None:
        """Add amounts to sums that are ours alone, as ``state.fold_all`` does."""
        sums, half_life, grown = self._sums, 0, 0
        for key, failed, tried in moves:
            if key[2] != half_life:
                half_life = key[2]
                grown = factor_at(at, half_life)
            old = sums.get(key)
            if old is not None:
                failures, trials = old[0] + failed * grown, old[1] + tried * grown
                if failures or trials:
                    sums[key] = (failures, trials)
                else:
                    del sums[key]
            elif failed or tried:
                sums[key] = (failed * grown, tried * grown)
                self._is_sorted = False
        self._pieces += len(moves)

    def _note(self, clause: Clause, at: int, *, is_failure: bool) -> None:
        """Note the newest date of either verdict, as ``floors.noted`` does."""
        known = self._floors.get(clause)
        if known is None:
            self._is_sorted = False
        failed, passed = known or _NO_DATES
        if is_failure:
            if at > failed:
                self._floors[clause] = (at, passed)
        elif at > passed:
            self._floors[clause] = (failed, at)

    def _decide(self, line: Line, cause: Cause) -> None:
        """Decide the product as it stands, as a step of live scoring does after an event."""
        before, policy, at = self._before, self._policy, line.at
        if not self._is_sorted:
            self._sums, self._floors = dict(sorted(self._sums.items())), dict(sorted(self._floors.items()))
            self._is_sorted = True
        state = State(self._sums, self._pieces, before.state.counts, self._floors)
        stale = is_stale(self._newest, state, policy, at)
        after = replace(before, state=state, events=self._events, newest_at=self._newest, stale=stale)
        case = case_of(state, after.facts(policy), policy, at)
        decision = decided(after.standing, case, cause)
        if decision.standing != after.standing:
            level, after = after.level, replace(after, standing=decision.standing)
            if after.level is not level:  # counted, and told to nobody
                after = replace(after, changes=after.changes + 1, told_on=None)
                self.changes += 1
        self._before, self._undecided = after, None
        if self._is_eager:
            self._is_eager = is_delicate(after, policy, at)


def is_delicate(product: Product, policy: Policy, at: int) -> bool:
    """Return whether a pass at this instant, or later on the same day, may do more than the last one does."""
    standing = product.standing
    if standing.level is Level.NOT_ASSESSED:
        return True
    if standing.below_since is not None and standing.below_since != date.fromordinal(_EPOCH + at // _DAY):
        return True
    return floor_at(product.state.floors, at, policy.thresholds) > standing.level


_EPOCH, _DAY = date(1970, 1, 1).toordinal(), 86_400
