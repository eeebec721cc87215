"""From sums to the index and the level that the matrix indicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sealwatch.risk.beliefs import Belief, Either, beliefs, entered, entering, is_assessable
from sealwatch.risk.facts import Facts
from sealwatch.risk.matrix import level_at
from sealwatch.risk.policy import Level, Matrix, Policy
from sealwatch.risk.posterior import quantiles, quantiles_per_day, within
from sealwatch.risk.scale import either, placed, unclipped
from sealwatch.risk.state import State
from sealwatch.risk.yardstick import yardstick

PROBABILITIES = (0.05, 0.5, 0.95)


class Item(NamedTuple):
    """A product to be assessed, and the instant for which."""

    state: State
    facts: Facts
    at: int


class Harm(NamedTuple):
    """One factor's probability of harm, and how severe that harm is."""

    factor: str
    severity: int
    p: float


class Spread(NamedTuple):
    """A belief with the quantiles of its failure rate, or of its chance within the horizon."""

    belief: Either
    q05: float
    q50: float
    q95: float


class Interval(NamedTuple):
    """The index at the quantiles of all factors."""

    ri05: float | None = None
    ri50: float | None = None
    ri95: float | None = None


class Ranking(NamedTuple):
    """Where a product stands by its expected rates; without enough evidence nowhere.

    A matrix of the centre's own shape has levels and probabilities but no ``index``.
    """

    indicated: Level
    severity: int
    index: float | None = None  # type: ignore[assignment]  # hides what nobody asks a ranking: where in a tuple
    p_harm: float | None = None
    x: float | None = None
    main_factor: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One factor: effective failures and trials, its failure rate, and whether it enters.

    Where ``counted``, incidents and days, and the chance of an incident within the horizon.
    """

    factor: str
    failures: float
    trials: float
    mean: float
    q05: float
    q50: float
    q95: float
    p_harm: float
    enters: bool
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything that is published about a product at one instant.

    What logarithms and inverse functions give is rounded to 12 significant digits.

    ``ri05`` to ``ri95`` push the quantiles of all factors through together: a conservative
    interval, as it treats the factors as moving together. ``shipped_steps`` says that a scenario
    was our default and not the centre's own.
    """

    at: int
    indicated: Level
    severity: int
    index: float | None
    ri05: float | None
    ri50: float | None
    ri95: float | None
    p_harm: float | None
    x: float | None
    main_factor: str | None
    rows: tuple[Row, ...]
    shipped_steps: bool
    policy_version: str
    facts_revision: int
    facts_known: bool


def assess(state: State, facts: Facts, policy: Policy, at: int) -> Assessment:
    """Return the assessment of one product."""
    return assess_many([Item(state, facts, at)], policy)[0]


def assess_many(items: Sequence[Item], policy: Policy) -> list[Assessment]:
    """Return the assessment of each product; the quantiles of all are worked out in one go."""
    found = [beliefs(item.state, yardstick(policy, item.facts), item.at) for item in items]
    spread = iter(_spreads([belief for group in found for belief in group]))
    return [
        _assessment(item, policy, [next(spread) for _ in group])
        for item, group in zip(items, found, strict=True)
    ]


class Bracket(NamedTuple):
    """Where a product stands, and the index at the quantiles of what entered; as in ``Assessment``."""

    ranking: Ranking
    interval: Interval


def brackets(items: Sequence[Item], policy: Policy) -> list[Bracket]:
    """Return what an assessment says of the whole product, at a fifth of its price: no row of a factor."""
    sticks = [yardstick(policy, item.facts) for item in items]
    enter = [
        entered(item.state, stick, item.at) if is_assessable(item.state, stick, item.at) else ()
        for item, stick in zip(items, sticks, strict=True)
    ]
    spread = iter(_spreads([belief for group in enter for belief in group]))
    groups = [[next(spread) for _ in group] for group in enter]
    return [_bracket(item, policy, group) for item, group in zip(items, groups, strict=True)]


def _bracket(item: Item, policy: Policy, group: Sequence[Spread]) -> Bracket:
    if not group:
        return Bracket(Ranking(Level.NOT_ASSESSED, item.facts.severity), Interval())
    ranking = expected([spread.belief for spread in group], policy.matrix)
    return Bracket(ranking._replace(index=rounded(ranking.index)), _interval(group, policy.matrix))


def _spreads(every: Sequence[Either]) -> list[Spread]:
    """Return each belief with its quantiles: one call for all rates, one for all incidences."""
    tried = [b for b in every if isinstance(b, Belief)]
    counted = [b for b in every if not isinstance(b, Belief)]
    rates = iter(quantiles([b.alpha for b in tried], [b.beta for b in tried], PROBABILITIES))
    daily = iter(quantiles_per_day([b.alpha for b in counted], [b.beta for b in counted], PROBABILITIES))
    return [
        Spread(b, *next(rates))
        if isinstance(b, Belief)
        else Spread(b, *(within(q, b.measure.tempo.horizon) for q in next(daily)))
        for b in every
    ]


def _assessment(item: Item, policy: Policy, group: Sequence[Spread]) -> Assessment:
    stick = yardstick(policy, item.facts)
    enter = entering([spread.belief for spread in group], stick)
    chosen = set(map(id, enter))
    ranking, interval = Ranking(Level.NOT_ASSESSED, item.facts.severity), Interval()
    if is_assessable(item.state, stick, item.at):
        ranking = expected(enter, policy.matrix)
        interval = _interval([s for s in group if id(s.belief) in chosen], policy.matrix)
    return Assessment(
        at=item.at,
        indicated=ranking.indicated,
        severity=ranking.severity,
        index=rounded(ranking.index),
        ri05=interval.ri05,
        ri50=interval.ri50,
        ri95=interval.ri95,
        p_harm=rounded(ranking.p_harm),
        x=rounded(ranking.x),
        main_factor=ranking.main_factor,
        rows=tuple(_row(spread, enters=id(spread.belief) in chosen) for spread in group),
        shipped_steps=any(belief.measure.shipped for belief in enter),
        policy_version=policy.version,
        facts_revision=item.facts.revision,
        facts_known=item.facts.known,
    )


def expected(enter: Sequence[Either], matrix: Matrix) -> Ranking:
    """Return where these factors rank at their expected rates; mostly it is one."""
    if len(enter) == 1:
        main = enter[0]
        p = main.measure.step * main.mean
        return _alone(Harm(main.factor, main.measure.severity, p), p, matrix)
    return ranked(harms_of(enter, [belief.mean for belief in enter]), matrix)


def ranked(harms: Sequence[Harm], matrix: Matrix) -> Ranking:
    """Return the gravest of what the severities give, each with its factors combined."""
    if len(harms) == 1:
        return _alone(harms[0], harms[0].p, matrix)
    severities = {harm.severity for harm in harms}
    if len(severities) == 1:
        return _of_severity(harms, matrix)
    groups = ([harm for harm in harms if harm.severity == severity] for severity in severities)
    return max(
        (_of_severity(group, matrix) for group in groups),
        key=lambda ranking: (ranking.indicated, ranking.index or 0.0, ranking.p_harm or 0.0),
    )


def harms_of(enter: Sequence[Either], rates: Sequence[float]) -> list[Harm]:
    """Return what each factor does at this rate, by the steps and the severity of its scenario."""
    return [
        Harm(belief.factor, belief.measure.severity, belief.measure.step * rate)
        for belief, rate in zip(enter, rates, strict=True)
    ]


def _of_severity(harms: Sequence[Harm], matrix: Matrix) -> Ranking:
    chances = [harm.p for harm in harms]
    return _alone(harms[chances.index(max(chances))], either(chances), matrix)


def _alone(main: Harm, p: float, matrix: Matrix) -> Ranking:
    """Return the ranking of a probability of which ``main`` is the largest part."""
    level, x = level_at(p, main.severity, matrix), unclipped(p, main.severity)
    return Ranking(level, main.severity, placed(x, level) if matrix.indexed else None, p, x, main.factor)


def _interval(enter: Sequence[Spread], matrix: Matrix) -> Interval:
    group = [spread.belief for spread in enter]
    columns = zip(*((spread.q05, spread.q50, spread.q95) for spread in enter), strict=True)
    return Interval(*(rounded(ranked(harms_of(group, rates), matrix).index) for rates in columns))


def _row(spread: Spread, *, enters: bool) -> Row:
    belief = spread.belief
    return Row(
        factor=belief.factor,
        failures=belief.failures,
        trials=belief.trials,
        mean=belief.mean,
        q05=digits(spread.q05),
        q50=digits(spread.q50),
        q95=digits(spread.q95),
        p_harm=belief.harm,
        enters=enters,
        counted=not isinstance(belief, Belief),
    )


def rounded(number: float | None) -> float | None:
    """Return the number, if there is one, with the digits that are published."""
    return None if number is None else digits(number)


def digits(number: float) -> float:
    """Return the number with the digits in which all builds of the numeric library agree."""
    return float(f"{number:.12g}")
