"""Why a product stands where it stands, and what would change it; every figure re-scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor, log1p
from typing import NamedTuple

from sealwatch.risk.beliefs import Belief, Either, beliefs, entering, without_opinion
from sealwatch.risk.case import rank
from sealwatch.risk.decay import value_at
from sealwatch.risk.flips import Flip, Scene, fall, rise
from sealwatch.risk.floors import Clause, open_floors
from sealwatch.risk.index import Harm, Item, Ranking, digits, harms_of, rounded
from sealwatch.risk.policy import GRADED, Level
from sealwatch.risk.state import Key, State, Sums

MOST_CERTAIN = 1 - 1e-12  # a certain harm would take the whole index, whatever else there is


class Share(NamedTuple):
    """What a factor contributes to the index, in thousandths of a point."""

    factor: str
    counted: bool
    thousandths: int


@dataclass(frozen=True, slots=True)
class Removal:
    """Where the product would rank if nothing were known of a factor, and how many points lower."""

    factor: str
    indicated: Level
    index: float | None
    points: float | None


class Source(NamedTuple):
    """What one source class said of a factor, decayed to the instant, before its weight.

    Where ``counted``, incidents and days. ``targeted_of`` is the planned class whose targeted side it is.
    """

    factor: str
    source_class: str
    counted: bool
    half_life: int
    failures: float
    trials: float
    weight: float
    targeted_of: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """An assessment taken apart.

    The shares sum to ``index_thousandths`` exactly. ``chances`` is P_l, by level. ``rise`` and
    ``fall`` are the smallest changes that move the level in force; none where there is none.
    """

    at: int
    level: Level
    below_since: date | None
    indicated: Level
    severity: int
    index: float | None
    index_thousandths: int | None
    main_factor: str | None
    shares: tuple[Share, ...]
    removals: tuple[Removal, ...]
    sources: tuple[Source, ...]
    chances: dict[Level, float]
    floors: tuple[Clause, ...]
    rise: Flip | None
    fall: Flip | None
    shipped_steps: bool
    policy_version: str
    facts_revision: int
    facts_known: bool


def explain(scene: Scene) -> Explanation:
    """Return why the product stands where it stands; the events behind it are the caller's to list."""
    standing, state, facts, policy, at = scene
    ranking = rank(Item(state, facts, at), policy)
    enter = entering(beliefs(state, scene.stick, at), scene.stick)
    return Explanation(
        at=at,
        level=standing.level,
        below_since=standing.below_since,
        indicated=ranking.indicated,
        severity=ranking.severity,
        index=rounded(ranking.index),
        index_thousandths=None if ranking.index is None else thousandths(ranking.index),
        main_factor=ranking.main_factor,
        shares=shares_of(enter, ranking),
        removals=_removals(scene, ranking),
        sources=_sources(scene),
        chances=_chances(scene, enter),
        floors=tuple(open_floors(state.floors, at, policy.thresholds)),
        rise=rise(scene),
        fall=fall(scene),
        shipped_steps=any(belief.measure.shipped for belief in enter),
        policy_version=policy.version,
        facts_revision=facts.revision,
        facts_known=facts.known,
    )


def thousandths(index: float) -> int:
    """Return an index in whole thousandths of a point."""
    return round(index * 1000)


def shared_out(index: float, chances: Sequence[float]) -> list[int]:
    """Return the thousandths of an index that each cause has, by -log(1 - p); they sum exactly.

    What is left after rounding down goes to the largest remainders (Hamilton's method). Where
    nothing can harm, all share alike.
    """
    weights = [Fraction(-log1p(-min(p, MOST_CERTAIN))) for p in chances]
    whole = sum(weights)
    if not whole:
        weights, whole = [Fraction(1)] * len(weights), Fraction(len(weights))
    total = thousandths(index)
    exact = [total * weight / whole for weight in weights]
    shares = [floor(part) for part in exact]
    behind = sorted(range(len(exact)), key=lambda n: shares[n] - exact[n])
    for n in behind[: total - sum(shares)]:
        shares[n] += 1
    return shares


def of_severity(harms: Sequence[Harm], severity: int) -> list[Harm]:
    """Return the harms of the severity that sets the index."""
    return [harm for harm in harms if harm.severity == severity]


def shares_of(enter: Sequence[Either], ranking: Ranking) -> tuple[Share, ...]:
    """Return what each factor of the severity that sets the index contributes to it."""
    if ranking.index is None:
        return ()
    setting = [belief for belief in enter if belief.measure.severity == ranking.severity]
    harms = harms_of(setting, [belief.mean for belief in setting])
    parts = shared_out(ranking.index, [harm.p for harm in harms])
    return tuple(
        Share(belief.factor, not isinstance(belief, Belief), part)
        for belief, part in zip(setting, parts, strict=True)
    )


def _removals(scene: Scene, now: Ranking) -> tuple[Removal, ...]:
    """Return the ranking without each factor; what enters is then decided anew."""
    state = scene.state
    factors = sorted({key[0] for key in (*state.sums, *state.counts)})
    found = []
    for factor in factors:
        then = rank(Item(_without(state, factor), scene.facts, scene.at), scene.policy)
        known = now.index is not None and then.index is not None
        points = (now.index or 0.0) - (then.index or 0.0) if known else None
        found.append(Removal(factor, then.indicated, rounded(then.index), rounded(points)))
    return tuple(found)


def _without(state: State, factor: str) -> State:
    sums = {key: pair for key, pair in state.sums.items() if key[0] != factor}
    counts = {key: pair for key, pair in state.counts.items() if key[0] != factor}
    return state._replace(sums=sums, counts=counts)


def _sources(scene: Scene) -> tuple[Source, ...]:
    state = scene.state
    tried = [_source(scene, key, pair, counted=False) for key, pair in state.sums.items()]
    counted = [_source(scene, key, pair, counted=True) for key, pair in state.counts.items()]
    return tuple(sorted([*tried, *counted]))


def _source(scene: Scene, key: Key, pair: Sums, *, counted: bool) -> Source:
    factor, source_class, half_life = key
    failures, trials = (value_at(amount, scene.at, half_life) for amount in pair)
    weight = scene.policy.source_weights[source_class]
    planned = scene.policy.targeted_of.get(source_class)
    return Source(factor, source_class, counted, half_life, failures, trials, weight, planned)


def _chances(scene: Scene, enter: Sequence[Either]) -> dict[Level, float]:
    """Return P_l for each level above the lowest; Serious without opinion where the rule says so."""
    firm = without_opinion(scene.state, scene.stick, scene.at)
    firmly = entering(beliefs(firm, scene.stick, scene.at), scene.stick)
    asked = {level: firmly if level is Level.SERIOUS else enter for level in GRADED[1:]}
    return {
        level: digits(max((belief.chance(level) for belief in who), default=0.0))
        for level, who in asked.items()
    }
