"""The proof that a policy document leaves no gap and contradicts itself nowhere."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise

from sealwatch.errors import Misconfigured
from sealwatch.risk.catalogue import FACTORS, SOURCE_CLASSES
from sealwatch.risk.decay import LONGEST_DAYS, LONGEST_HALF_LIFE, SHORTEST_HALF_LIFE
from sealwatch.risk.policy import GRADED, Level, Matrix, Policy, Prior, Quality

SEVERITY_CLASSES = 4  # that a product's facts can name; the index ranks in that many columns
LEAST = 1e-100  # of a way to harm and of a prior's two sides: times any rate still an exact number; ours
MOST = 1e12  # that a prior or a grade is worth: quantiles of far more are no number any more; ours
MOST_CLASSES = 10**6  # that may be asked for as corroboration; more than any document has sources; ours
FIRST_DAY = date(2000, 1, 1)  # nothing older can be scored (``decay.LANDMARK``)


def prove(policy: Policy) -> None:
    """Raise ``Misconfigured`` with every reason why this policy cannot be scored with."""
    reasons = [
        *_of_matrix(policy.matrix),
        *_of_coverage(policy),
        *_of_sides(policy),
        *_of_scenarios(policy),
        *_of_priors(policy),
        *_of_incidents(policy),
        *_of_grades(policy),
        *_of_thresholds(policy),
        *_of_days(policy),
        *_of_quality(policy.quality),
        *_of_severities(policy),
    ]
    if reasons:
        raise Misconfigured(f"policy {policy.version}: " + "; ".join(reasons))


def _of_matrix(matrix: Matrix) -> Iterator[str]:
    widths = {len(row) for row in matrix.rows}
    if len(matrix.rows) != len(matrix.bounds) + 1 or len(widths) != 1 or 0 in widths:
        yield "the matrix needs one full row per bound and one below the last"
        return
    if any(cell not in GRADED for row in matrix.rows for cell in row):
        yield "every cell of the matrix holds a level from low to serious"
    if not _falling((1.0, *matrix.bounds, 0.0)):
        yield "the bounds of the matrix fall strictly between 1 and 0"
    if any(left > right for row in matrix.rows for left, right in pairwise(row)):
        yield "a graver severity never has a lower level in the matrix"
    if any(low > high for column in zip(*matrix.rows, strict=True) for high, low in pairwise(column)):
        yield "a higher probability never has a lower level in the matrix"
    if min(widths) < SEVERITY_CLASSES:
        yield f"a matrix needs a column for each severity class 1 to {SEVERITY_CLASSES} that products have"
    if matrix.indexed and widths != {SEVERITY_CLASSES}:
        yield f"the index ranks in a matrix of {SEVERITY_CLASSES} severities only"


def _of_coverage(policy: Policy) -> Iterator[str]:
    if missing := FACTORS - policy.half_lives.keys():
        yield f"no half-life for {_listed(missing)}"
    if missing := SOURCE_CLASSES - policy.source_weights.keys():
        yield f"no weight for {_listed(missing)}"
    if missing := policy.opinion_classes - policy.source_weights.keys():
        yield f"opinion classes without a weight: {_listed(missing)}"
    if short := {f for f, seconds in policy.half_lives.items() if seconds < SHORTEST_HALF_LIFE}:
        yield f"a half-life is at least one day: {_listed(short)}"
    if long := {f for f, seconds in policy.half_lives.items() if seconds > LONGEST_HALF_LIFE}:
        yield f"a half-life is at most a century: {_listed(long)}"
    if odd := {s for s, weight in policy.source_weights.items() if not 0 <= weight <= 1}:
        yield f"a weight lies between 0 and 1: {_listed(odd)}"
    if unanswered := {level.word for level in Level if level not in policy.coping}:
        yield f"no coping strategy for {_listed(unanswered)}"


def _of_sides(policy: Policy) -> Iterator[str]:
    """Yield what is wrong with targeted sides; keys have built-in classes only, so that none has a side."""
    sides, planned, opinion = policy.targeted_of, policy.planned_classes, policy.opinion_classes
    if lost := {side for side, of in sides.items() if of not in planned}:
        yield f"a targeted side is that of a planned class: {_listed(lost)}"
    if both := sides.keys() & planned:
        yield f"a targeted side is not planned itself: {_listed(both)}"
    if sent := sides.keys() & SOURCE_CLASSES:
        yield f"a targeted side is no class that a key can have: {_listed(sent)}"
    if twice := {side for side, of in sides.items() if policy.targeted_sides[of] != side}:
        yield f"a planned class has one targeted side, and not also: {_listed(twice)}"
    if odd := {side for side, of in sides.items() if (side in opinion) != (of in opinion)}:
        yield f"a targeted side is opinion where its planned class is: {_listed(odd)}"
    if not policy.planned_modes:
        yield "a plan has a monitoring mode at least"


def _of_scenarios(policy: Policy) -> Iterator[str]:
    for factor in sorted(policy.half_lives):
        able = [s for s in policy.scenarios if factor in s.factors]
        if sum(not s.goods for s in able) != 1:
            yield f"{factor} needs exactly one scenario for all other goods"
        named = [goods for s in able for goods in s.goods]
        if len(named) != len(set(named)):
            yield f"{factor} has two scenarios for the same goods"
    for scenario in policy.scenarios:
        if not scenario.steps or not all(0 < p <= 1 for p in scenario.steps.values()):
            yield f"a step is a probability above 0 and at most 1: {_listed(scenario.steps)}"
        elif scenario.probability < LEAST:
            yield f"the steps multiply to less than {LEAST:g}, too small to use: {_listed(scenario.steps)}"
        if unheard := scenario.factors - policy.half_lives.keys():
            yield f"a scenario names factors nobody measures: {_listed(unheard)}"


def _of_priors(policy: Policy) -> Iterator[str]:
    priors = policy.priors
    every = (priors.usual, *priors.by_severity.values(), *priors.by_category.values())
    if not all(_proper(prior) for prior in every):
        yield "a prior has a mean strictly between 0 and 1, worth more than no trial"
    elif any(prior.trials * min(prior.mean, 1 - prior.mean) < LEAST for prior in every):
        yield f"a prior has failures and passes of {LEAST:g} or more, or it cannot be used"
    elif any(prior.trials > MOST for prior in every):
        yield f"a prior is worth at most {MOST:g} trials, or it has no interval"
    if unheard := {factor for _, factor in priors.by_category} - policy.half_lives.keys():
        yield f"a prior names factors nobody measures: {_listed(unheard)}"


def _of_incidents(policy: Policy) -> Iterator[str]:
    priors = policy.incidents.priors
    every = (priors.usual, *priors.by_severity.values(), *priors.by_category.values())
    if policy.incidents.horizon_days < LEAST or not all(p.mean > 0 and p.trials > 0 for p in every):
        yield "counts need a horizon and priors of more than no incident and no day"
    elif any(min(prior.mean, prior.trials, prior.mean * prior.trials) < LEAST for prior in every):
        yield f"counts need priors of incidents and days of {LEAST:g} or more, or they cannot be used"
    elif any(max(prior.mean, prior.trials, prior.mean * prior.trials) > MOST for prior in every):
        yield f"counts need priors of at most {MOST:g} incidents and days, or they have no interval"
    if unheard := {factor for _, factor in priors.by_category} - policy.half_lives.keys():
        yield f"a prior of counts names factors nobody measures: {_listed(unheard)}"


def _proper(prior: Prior) -> bool:
    return 0 < prior.mean < 1 and prior.trials > 0


def _of_grades(policy: Policy) -> Iterator[str]:
    if big := {grade for grade, counted in policy.grades.table.items() if counted.trials > MOST}:
        yield f"a grade counts as at most {MOST:g} trials: {_listed(big)}"


def _of_days(policy: Policy) -> Iterator[str]:
    limits = policy.thresholds
    days = (limits.fresh_days, limits.fresh_days_monitored, limits.fall_after_days)
    if max(*days, policy.incidents.horizon_days) > LONGEST_DAYS:
        yield f"a time is at most a century, {LONGEST_DAYS} days"
    if policy.effective_from < FIRST_DAY:
        yield f"a policy takes effect on {FIRST_DAY} or later"


def _of_thresholds(policy: Policy) -> Iterator[str]:
    limits = policy.thresholds
    if limits.raise_at.keys() != set(GRADED[1:]):
        yield "a chance to rise at is given for medium, high and serious"
        return
    rising = [limits.fall_below, *(limits.raise_at[level] for level in GRADED[1:]), 1.0]
    if limits.fall_below <= 0 or rising != sorted(rising):
        yield "the chances to fall below and to rise at climb with the level, between 0 and 1"
    high, serious = limits.raise_at[Level.HIGH], limits.raise_at[Level.SERIOUS]
    if not high <= limits.serious_corroborated <= serious:
        yield "the chance for a corroborated serious lies between those of high and serious"
    if not 1 <= limits.corroborating_classes <= MOST_CLASSES or limits.fall_after_days < 1:
        yield f"1 to {MOST_CLASSES} source classes corroborate, and a level falls after one day or more"
    if limits.serious_needs_failures < 0 or limits.floor not in GRADED:
        yield "the floor is a level, and the failures that Serious needs are none or more"
    if not 1 <= limits.fresh_days_monitored <= limits.fresh_days:
        yield "evidence is fresh for one day or more, no longer where points report"
    if limits.entering_failures <= 0 or limits.opinion_trials < 0:
        yield "a factor enters with more than no failure, opinion counts from no trial or more"


def _of_quality(kinds: Quality) -> Iterator[str]:
    shares = (kinds.accredited, kinds.unaccredited, kinds.out_of_calibration)
    if not all(0 <= share <= 1 for share in shares):
        yield "a quality lies between 0 and 1"


def _of_severities(policy: Policy) -> Iterator[str]:
    named = {
        policy.unknown_severity,
        *policy.severities.values(),
        *policy.priors.by_severity,
        *policy.incidents.priors.by_severity,
        *(s.severity for s in policy.scenarios if s.severity is not None),
    }
    if strange := named - set(range(1, SEVERITY_CLASSES + 1)):
        yield f"severities that no product has, 1 to {SEVERITY_CLASSES} are: {_listed(map(str, strange))}"


def _falling(numbers: Iterable[float]) -> bool:
    return all(higher > lower for higher, lower in pairwise(numbers))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
