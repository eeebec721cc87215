"""A policy, worked out for one kind of goods, so that scoring an event only looks numbers up."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sealwatch.risk.decay import MILLION
from sealwatch.risk.facts import Facts
from sealwatch.risk.matrix import beginning_of
from sealwatch.risk.policy import GRADED, Level, Policy
from sealwatch.risk.posterior import chance_above


@dataclass(frozen=True, slots=True)
class Measure:
    """How one factor is judged: its prior, its way to harm, the rates above which levels begin.

    ``rates`` is indexed by level; what is above a rate of 0 is certain, above 1 impossible.
    """

    alpha: float
    beta: float
    step: float
    severity: int
    rates: tuple[float, ...]
    shipped: bool


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Everything scoring needs of a policy and of a product's facts."""

    policy: Policy
    measures: Mapping[str, Measure]
    weights: Mapping[str, int]  # of source classes, in whole millionths, so that sums stay exact
    start: Level
    uniform: bool  # all factors harm with one severity


def yardstick(policy: Policy, facts: Facts) -> Yardstick:
    """Return the policy as it applies to these goods, worked out once."""
    return _built(policy, facts.category, facts.severity)


@lru_cache(maxsize=4096)
def _built(policy: Policy, category: str | None, severity: int) -> Yardstick:
    measures = {factor: _measure(policy, factor, category, severity) for factor in sorted(policy.half_lives)}
    return Yardstick(
        policy,
        measures,
        {name: round(weight * MILLION) for name, weight in policy.source_weights.items()},
        _start(measures, policy.thresholds.fall_below),
        len({measure.severity for measure in measures.values()}) == 1,
    )


def _measure(policy: Policy, factor: str, category: str | None, severity: int) -> Measure:
    prior = policy.priors.of(category, factor, severity)
    scenario = policy.scenario(factor, category)
    harm = min(severity, scenario.severity or severity)
    step = scenario.probability
    rates = tuple(beginning_of(level, harm, policy.matrix) / step for level in Level)
    alpha, beta = prior.trials * prior.mean, prior.trials * (1 - prior.mean)
    return Measure(alpha, beta, step, harm, rates, scenario.shipped)


def _start(measures: Mapping[str, Measure], chance: float) -> Level:
    """Return the highest level that at least one factor has this chance of without evidence."""
    return max(
        level
        for level in GRADED
        for measure in measures.values()
        if chance_above(measure.alpha, measure.beta, measure.rates[level]) >= chance
    )
