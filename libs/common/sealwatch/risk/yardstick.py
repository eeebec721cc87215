"""A policy, worked out for one kind of goods, so that scoring an event only looks numbers up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from sealwatch.risk.decay import MILLION
from sealwatch.risk.facts import Facts
from sealwatch.risk.matrix import beginning_of
from sealwatch.risk.policy import GRADED, Level, Policy, Prior
from sealwatch.risk.posterior import chance_above, per_day_of


@dataclass(frozen=True, slots=True)
class Tempo:
    """How incidents of one factor are judged: prior shape and days, horizon, and rates per day.

    ``per_day`` is indexed by level, as the ``rates`` of a measure are.
    """

    shape: float
    days: float
    horizon: float
    per_day: tuple[float, ...]


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
    tempo: Tempo


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Everything scoring needs of a policy and of a product's facts."""

    policy: Policy
    measures: Mapping[str, Measure]
    weights: Mapping[str, int]  # of source classes, in whole millionths, so that sums stay exact
    senders: Mapping[str, str]  # of source classes: both sides of a planned class are one sender's
    severity: int
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
        {name: policy.sender(name) for name in policy.source_weights},
        severity,
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
    tempo = _tempo(policy, policy.incidents.priors.of(category, factor, severity), rates)
    return Measure(alpha, beta, step, harm, rates, scenario.shipped, tempo)


def _tempo(policy: Policy, prior: Prior, rates: Sequence[float]) -> Tempo:
    horizon = policy.incidents.horizon_days
    per_day = tuple(per_day_of(rate, horizon) if rate < 1 else inf for rate in rates)
    return Tempo(prior.trials * prior.mean, prior.trials, horizon, per_day)


def _start(measures: Mapping[str, Measure], chance: float) -> Level:
    """Return the highest level that at least one factor has this chance of without evidence."""
    return max(
        level
        for level in GRADED
        for measure in measures.values()
        if chance_above(measure.alpha, measure.beta, measure.rates[level]) >= chance
    )
