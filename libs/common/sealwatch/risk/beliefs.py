"""What a product's sums say about each factor at one instant."""

from collections.abc import Iterator, Sequence
from math import fsum, inf
from typing import NamedTuple

from sealwatch.risk.decay import MILLION, divisor_at
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.posterior import chance_above, chance_of_more, chance_within, reaches
from sealwatch.risk.scale import index_of
from sealwatch.risk.state import Key, State, Sums
from sealwatch.risk.yardstick import Measure, Yardstick


class Belief(NamedTuple):
    """A factor's effective failures and trials, and the Beta distribution they lead to."""

    factor: str
    failures: float
    trials: float
    alpha: float
    beta: float
    measure: Measure

    @property
    def mean(self) -> float:
        """Return the expected failure rate."""
        return self.alpha / (self.alpha + self.beta)

    @property
    def harm(self) -> float:
        """Return the expected probability of harm."""
        return self.measure.step * self.alpha / (self.alpha + self.beta)

    def reaches(self, level: Level, chance: float) -> bool:
        """Return whether the level, or a graver one, holds with at least this chance."""
        return reaches(self.alpha, self.beta, self.measure.rates[level], chance)

    def chance(self, level: Level) -> float:
        """Return the chance of the level or a graver one."""
        return chance_above(self.alpha, self.beta, self.measure.rates[level])


class Incidence(NamedTuple):
    """A factor's effective incidents and days, and the Gamma(alpha, rate beta) they lead to.

    What harms is an incident within the policy's horizon, so that the mean is a probability too.
    """

    factor: str
    failures: float
    trials: float
    alpha: float
    beta: float
    measure: Measure

    @property
    def mean(self) -> float:
        """Return the expected probability of an incident within the horizon."""
        return chance_within(self.alpha, self.beta, self.measure.tempo.horizon)

    @property
    def harm(self) -> float:
        """Return the expected probability of harm."""
        return self.measure.step * self.mean

    def reaches(self, level: Level, chance: float) -> bool:
        """Return whether the level, or a graver one, holds with at least this chance."""
        return self.chance(level) >= chance

    def chance(self, level: Level) -> float:
        """Return the chance of the level or a graver one."""
        return chance_of_more(self.alpha, self.beta, self.measure.tempo.per_day[level])


Either = Belief | Incidence


def beliefs(state: State, stick: Yardstick, at: int) -> list[Either]:
    """Return one belief per factor that has evidence, in the order of their names.

    Source classes are weighted in whole millionths and added before the one division, so the
    result is correctly rounded and knows no order. What a retraction still owes is no evidence.
    A factor that was both tried and counted has two.
    """
    found: list[Either] = _alone(state, stick, at) or _together(state, stick, at)
    if not state.counts:
        return found
    both = [*found, *_incidences(state, stick, at)]
    return sorted(both, key=lambda belief: belief.factor)


def _alone(state: State, stick: Yardstick, at: int) -> list[Either] | None:
    """Return the beliefs where each factor has one sum, as most have: there is nothing to add up first."""
    measures, weights = stick.measures, stick.weights
    found: list[Either] = []
    before = None
    for (factor, source_class, half_life), (failures, trials) in state.sums.items():
        if factor == before:
            return None
        before, weight = factor, weights[source_class]
        divisor = MILLION * divisor_at(at, half_life)
        failed = weight * failures / divisor if failures > 0 else 0.0
        passes = trials - failures
        passed = weight * passes / divisor if passes > 0 else 0.0
        measure = measures[factor]
        alpha, beta = measure.alpha + failed, measure.beta + passed
        found.append(Belief(factor, failed, failed + passed, alpha, beta, measure))
    return found


def _together(state: State, stick: Yardstick, at: int) -> list[Either]:
    held: dict[str, tuple[float, float]] = {}
    for (factor, half_life), (failures, passes) in _weighted(state, stick).items():
        divisor = MILLION * divisor_at(at, half_life)
        failed = failures / divisor if failures > 0 else 0.0
        passed = passes / divisor if passes > 0 else 0.0
        known = held.get(factor)
        held[factor] = (known[0] + failed, known[1] + passed) if known else (failed, passed)
    measures = stick.measures
    return [updated(factor, pair, measures[factor]) for factor, pair in held.items()]


def updated(factor: str, seen: tuple[float, float], measure: Measure) -> Belief:
    """Return what so many failures and passes make of the prior."""
    failed, passed = seen
    return Belief(factor, failed, failed + passed, measure.alpha + failed, measure.beta + passed, measure)


def incidence(factor: str, seen: float, days: float, measure: Measure) -> Incidence:
    """Return what so many incidents in so many days make of the prior."""
    tempo = measure.tempo
    return Incidence(factor, seen, days, tempo.shape + seen, tempo.days + days, measure)


def entering(found: Sequence[Either], stick: Yardstick) -> Sequence[Either]:
    """Return the factors that make the level: those that failed, else the least harmful one.

    So a pass never raises an index, and untested factors do not pile up their priors.
    """
    least = stick.policy.thresholds.entering_failures
    failed = [belief for belief in found if belief.failures >= least]
    if failed or len(found) < 2:  # noqa: PLR2004  one factor needs no comparison
        return failed or found
    if stick.uniform:
        return [min(found, key=_harm)]
    matrix = stick.policy.matrix
    return [min(found, key=lambda b: (index_of(b.harm, b.measure.severity, matrix), b.harm))]


def entered(state: State, stick: Yardstick, at: int) -> Sequence[Either]:
    """Return what ``entering`` chooses of the ``beliefs``, without making those that it does not."""
    if not state.counts and stick.uniform:
        found = _chosen(state, stick, at)
        if found is not None:
            return found
    return entering(beliefs(state, stick, at), stick)


def _chosen(state: State, stick: Yardstick, at: int) -> list[Either] | None:
    """Return what enters where each factor has one sum and all harm alike; None where one has several."""
    measures, weights, least = stick.measures, stick.weights, stick.policy.thresholds.entering_failures
    failing: list[Either] = []
    mildest, mildest_harm, before, dated, divisor = None, inf, None, None, 0
    for (factor, source_class, half_life), (failures, trials) in state.sums.items():
        if factor == before:
            return None
        if half_life != dated:
            dated, divisor = half_life, MILLION * divisor_at(at, half_life)
        before, weight, measure = factor, weights[source_class], measures[factor]
        passes = trials - failures
        passed = weight * passes / divisor if passes > 0 else 0.0
        failed = weight * failures / divisor if failures > 0 else 0.0
        if failed >= least:
            failing.append(updated(factor, (failed, passed), measure))
            continue
        alpha = measure.alpha + failed
        harm = measure.step * alpha / (alpha + (measure.beta + passed))
        if harm < mildest_harm:
            mildest, mildest_harm = (factor, (failed, passed), measure), harm
    return failing or ([updated(*mildest)] if mildest else [])


def is_assessable(state: State, stick: Yardstick, at: int) -> bool:
    """Return whether there is anything but opinion, or opinion worth a whole trial.

    Days of counting are worth a trial for each horizon.
    """
    if not is_opinion(state, stick.policy):
        return True
    heard = fsum(
        stick.weights[source_class] * trials / (MILLION * divisor_at(at, half_life))
        for (_, source_class, half_life), (_, trials) in state.sums.items()
    )
    if state.counts:
        heard += fsum(_days(state, stick, at)) / stick.policy.incidents.horizon_days
    return bool(state.sums or state.counts) and heard >= stick.policy.thresholds.opinion_trials


def is_opinion(state: State, policy: Policy) -> bool:
    """Return whether a state holds nothing but opinion, or nothing at all: such evidence can fade away."""
    opinion = policy.opinion_classes
    for _, source_class, _ in state.sums:
        if source_class not in opinion:
            return False
    return all(source_class in opinion for _, source_class, _ in state.counts)


def corroborating(state: State, stick: Yardstick, at: int) -> int:
    """Return how many classes of senders hold at least one effective failure, over all factors."""
    return sum(failures >= 1 for failures in failures_by_class(state, stick, at).values())


def failures_by_class(state: State, stick: Yardstick, at: int) -> dict[str, float]:
    """Return the effective failures and incidents of each class of senders, over all factors.

    A planned class and its targeted side are one: its sender cannot corroborate itself.
    """
    held: dict[str, float] = {}
    for (_, source_class, half_life), (failures, _) in _entries(state):
        seen = stick.weights[source_class] * failures / (MILLION * divisor_at(at, half_life))
        sender = stick.senders[source_class]
        held[sender] = held.get(sender, 0.0) + seen
    return held


def without_opinion(state: State, stick: Yardstick, at: int) -> State:
    """Return the state that Serious is asked of: opinion counts where other classes failed enough."""
    opinion = stick.policy.opinion_classes
    if not any(source_class in opinion for (_, source_class, _), _ in _entries(state)):
        return state
    held = failures_by_class(state, stick, at)
    firm = fsum(failures for source_class, failures in held.items() if source_class not in opinion)
    if firm >= stick.policy.thresholds.serious_needs_failures:
        return state
    sums = {key: pair for key, pair in state.sums.items() if key[1] not in opinion}
    counts = {key: pair for key, pair in state.counts.items() if key[1] not in opinion}
    return State(sums, state.pieces, counts, state.floors)


def _entries(state: State) -> Iterator[tuple[Key, Sums]]:
    yield from state.sums.items()
    yield from state.counts.items()


def _weighted(state: State, stick: Yardstick) -> dict[tuple[str, int], tuple[int, int]]:
    """Return weighted failures and passes per factor and half-life, still as exact integers."""
    weights = stick.weights
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for (factor, source_class, half_life), (failures, trials) in state.sums.items():
        weight = weights[source_class]
        key = (factor, half_life)
        failed, passed = sums.get(key, (0, 0))
        sums[key] = (failed + weight * failures, passed + weight * (trials - failures))
    return sums


def _incidences(state: State, stick: Yardstick, at: int) -> list[Incidence]:
    """Return the beliefs of what was counted; weighted and added as whole numbers, as trials are."""
    weighted: dict[tuple[str, int], tuple[int, int]] = {}
    for (factor, source_class, half_life), (seen, days) in state.counts.items():
        weight = stick.weights[source_class]
        before = weighted.get((factor, half_life), (0, 0))
        weighted[factor, half_life] = (before[0] + weight * seen, before[1] + weight * days)
    held: dict[str, tuple[float, float]] = {}
    for (factor, half_life), (seen, days) in weighted.items():
        divisor = MILLION * divisor_at(at, half_life)
        known = held.get(factor, (0.0, 0.0))
        held[factor] = (known[0] + max(seen, 0) / divisor, known[1] + max(days, 0) / divisor)
    return [incidence(factor, *pair, stick.measures[factor]) for factor, pair in held.items()]


def _days(state: State, stick: Yardstick, at: int) -> Iterator[float]:
    for (_, source_class, half_life), (_, days) in state.counts.items():
        yield stick.weights[source_class] * days / (MILLION * divisor_at(at, half_life))


def _harm(belief: Either) -> float:
    return belief.harm
