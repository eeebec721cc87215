"""The smallest further evidence that would move a level, found by scoring it.

Only what the model itself answers counts: a change is told if the rules of ``levels``, applied to
the state with the evidence folded in, do move the level. In the number of failures, and of passes,
these answers change once, so doubling and halving find the smallest.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sealwatch.risk.beliefs import Belief, Either, beliefs, entering, without_opinion
from sealwatch.risk.evidence import Evidence, evidence, incidents
from sealwatch.risk.facts import Facts
from sealwatch.risk.floors import floor_at
from sealwatch.risk.levels import Cause, Occasion, Standing, after_event
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import State, fold_all
from sealwatch.risk.yardstick import Yardstick, yardstick

MOST = 1 << 14  # further trials beyond which a change is none that anybody could make; ours


class Lever(NamedTuple):
    """A factor and how it is observed: by trials, or by counting incidents over days."""

    factor: str
    counted: bool


class Flip(NamedTuple):
    """So many failures of so many trials (incidents in days), of each lever, from one source class.

    ``at_once`` is false where the level then falls after the policy's days only.
    """

    levers: tuple[Lever, ...]
    source_class: str
    failures: int
    trials: int
    before: Level
    after: Level
    at_once: bool


class Scene(NamedTuple):
    """A product as it stands, and the instant at which more evidence would come in."""

    standing: Standing
    state: State
    facts: Facts
    policy: Policy
    at: int

    @property
    def stick(self) -> Yardstick:
        """Return the policy as it applies to these goods."""
        return yardstick(self.policy, self.facts)

    def after(self, more: Sequence[Evidence], cause: Cause) -> Standing:
        """Return where the product would stand with more evidence, by the rules of an event."""
        state = fold_all(self.state, more)
        occasion = Occasion(self.at, cause)
        return after_event(self.standing, state, self.facts, self.policy, occasion).standing


def firmest(policy: Policy) -> str:
    """Return the source class that a sender can have, opinion left out, that is believed most."""
    weights = policy.source_weights
    return min(policy.sent_classes - policy.opinion_classes, key=lambda name: (-weights[name], name))


def rise(scene: Scene) -> Flip | None:
    """Return the fewest further failures in one factor with evidence that raise the level."""
    if scene.standing.level is Level.SERIOUS:
        return None
    found = beliefs(scene.state, scene.stick, scene.at)
    levers = [_lever(belief) for belief in found] or [Lever(f, counted=False) for f in scene.stick.measures]
    return _smallest([_risen(scene, lever) for lever in levers])


def fall(scene: Scene) -> Flip | None:
    """Return the fewest further passes after which the evidence no longer holds the level.

    Where several factors hold it, each needs as many. A level on an open floor, or one that the
    evidence does not hold any longer, is not to be had by passes.
    """
    level, limits = scene.standing.level, scene.policy.thresholds
    if level <= Level.LOW or floor_at(scene.state.floors, scene.at, limits) >= level:
        return None
    if _is_left(scene, ()):
        return None
    return _smallest([_fallen(scene, levers) for levers in _holding(scene)])


def _holding(scene: Scene) -> list[tuple[Lever, ...]]:
    """Return the levers that passes must come from: all that hold the level, or any clean one."""
    stick, level = scene.stick, scene.standing.level
    state = scene.state
    if level is Level.SERIOUS:
        state = without_opinion(state, stick, scene.at)
    found = beliefs(state, stick, scene.at)
    limits = scene.policy.thresholds
    enter = entering(found, stick)
    if any(belief.failures >= limits.entering_failures for belief in enter):
        return [tuple(_lever(belief) for belief in enter if belief.reaches(level, limits.fall_below))]
    return [(_lever(belief),) for belief in found]


def _risen(scene: Scene, lever: Lever) -> Flip | None:
    before = scene.standing.level

    def standing(count: int) -> Standing:
        return scene.after(_more(scene, (lever,), count, failed=True), Cause.FAILURE)

    count = _least(lambda count: standing(count).level > before)
    if count is None:
        return None
    trials = 0 if lever.counted else count
    after = standing(count).level
    return Flip((lever,), firmest(scene.policy), count, trials, before, after, at_once=True)


def _fallen(scene: Scene, levers: tuple[Lever, ...]) -> Flip | None:
    count = _least(lambda count: _is_left(scene, _more(scene, levers, count, failed=False)))
    if count is None:
        return None
    after = scene.after(_more(scene, levers, count, failed=False), Cause.POLICY).level
    before = scene.standing.level
    return Flip(levers, firmest(scene.policy), 0, count, before, after, at_once=False)


def _is_left(scene: Scene, more: Sequence[Evidence]) -> bool:
    """Return whether the evidence, with more passes, no longer holds the level in force."""
    standing = scene.after(more, Cause.PASS)
    return standing.below_since is not None or standing.level < scene.standing.level


def _more(scene: Scene, levers: Sequence[Lever], count: int, *, failed: bool) -> list[Evidence]:
    return [_piece(scene, lever, count, failed=failed) for lever in levers]


def _piece(scene: Scene, lever: Lever, count: int, *, failed: bool) -> Evidence:
    half_life = scene.policy.half_lives[lever.factor]
    make = incidents if lever.counted else evidence
    failures = count if failed else 0
    trials = 0 if failed and lever.counted else count
    source = firmest(scene.policy)
    return make(lever.factor, source, failures, trials, quality=1.0, at=scene.at, half_life=half_life)


def _least(flips: Callable[[int], bool]) -> int | None:
    """Return the smallest number from 1 that flips, where every larger one flips too."""
    high = 1
    while not flips(high):
        high *= 2
        if high > MOST:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        if flips(middle):
            high = middle
        else:
            low = middle
    return high


def _smallest(flips: Sequence[Flip | None]) -> Flip | None:
    able = [flip for flip in flips if flip is not None]
    return min(able, key=lambda flip: (max(flip.failures, flip.trials), flip.levers), default=None)


def _lever(belief: Either) -> Lever:
    return Lever(belief.factor, counted=not isinstance(belief, Belief))
