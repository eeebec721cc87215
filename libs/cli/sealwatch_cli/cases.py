"""Cases of the calculator: strict input, the scorer's own functions, plain values out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import prod
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sealwatch.risk.beliefs import beliefs, incidence, updated
from sealwatch.risk.decay import LANDMARK, MILLION
from sealwatch.risk.evidence import Evidence, evidence
from sealwatch.risk.explanation import of_severity, shared_out, thousandths
from sealwatch.risk.index import PROBABILITIES, Harm, Ranking, ranked
from sealwatch.risk.policy import Level, Matrix, Policy
from sealwatch.risk.posterior import chance_above, chance_within, quantiles, quantiles_per_day, within
from sealwatch.risk.proof import LEAST
from sealwatch.risk.state import EMPTY, fold_all
from sealwatch.risk.yardstick import Measure, Tempo, Yardstick

DAY = 86_400
CASE = "case"  # the one factor and source class of a posterior that is worked out alone
MOST_DAYS = 100_000  # a smaller number is a day since 2000-01-01, a larger one a Unix second
LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z

Chance = Annotated[float, Field(ge=0, le=1)]
MOST = 1e15  # what cannot be counted any more; ours
Amount = Annotated[float, Field(ge=0, le=MOST)]
Severity = Annotated[int, Field(ge=1)]


class Impossible(ValueError):  # noqa: N818
    """The input cannot be; the message says what about it."""


class Case(BaseModel):
    """Any input: nothing unknown, nothing coerced, nothing infinite."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Kind = TypeVar("Kind", bound=Case)


class IndexCase(Case):
    """A probability of harm and how severe it is."""

    probability: Chance
    severity: Severity


class SeenCase(Case):
    """Failures y of n trials at t, of quality q."""

    t: str | float
    y: Amount
    n: Amount
    q: Chance = 1.0


class TrialsCase(Case):
    """A Beta posterior: the prior, the half-life, and what was seen until ``as_of``.

    ``above`` are rates of which the chance is asked that the true one exceeds them: a level begins above
    bound / steps, so that P_l of the level in force is one of them.
    """

    half_life_days: Annotated[float, Field(ge=1, le=36_525)]
    as_of: str | float
    m0: Chance
    k0: Amount
    events: list[SeenCase]
    above: list[Chance] = []


class CountsCase(Case):
    """A Gamma posterior: the prior, and so many incidents over so many days."""

    m0: Amount
    k0: Amount
    failures: Amount
    exposure: Amount


class FactorCase(Case):
    """One factor that enters: its failure rate, and the steps from a failure to harm."""

    factor: Annotated[str, Field(min_length=1)]
    severity: Severity
    probability: Chance
    steps: list[Chance] = []


class CombinedCase(Case):
    """The factors that enter."""

    factors: Annotated[list[FactorCase], Field(min_length=1)]


def index(given: object, policy: Policy) -> dict[str, Any]:
    """Return index, order of magnitude and level of one probability of harm."""
    case = _read(IndexCase, given)
    ranking = _ranked([Harm(CASE, case.severity, case.probability)], policy.matrix)
    return {"index": ranking.index, "x": ranking.x, "level": ranking.indicated.word}


def posterior(given: object, policy: Policy) -> dict[str, Any]:
    """Return what was seen, decayed, and the distribution of the rate that it leads to."""
    if isinstance(given, Mapping) and ("exposure" in given or "failures" in given):
        return _counts(_read(CountsCase, given), policy)
    return _trials(_read(TrialsCase, given), policy)


def combine(given: object, policy: Policy) -> dict[str, Any]:
    """Return index, level, main factor and shares of several factors, all of which enter.

    Shares are thousandths of a point of those of the severity that sets the index, and sum to
    ``index_thousandths``.
    """
    case = _read(CombinedCase, given)
    harms = [Harm(f.factor, f.severity, prod(f.steps) * f.probability) for f in case.factors]
    ranking = _ranked(harms, policy.matrix)
    severities = {
        str(severity): _ranked(of_severity(harms, severity), policy.matrix)
        for severity in sorted({harm.severity for harm in harms})
    }
    return {
        "index": ranking.index,
        "level": ranking.indicated.word,
        "main_factor": ranking.main_factor,
        "shares": _shares(of_severity(harms, ranking.severity), ranking),
        "index_thousandths": None if ranking.index is None else thousandths(ranking.index),
        "severities": {
            severity: {"probability": one.p_harm, "index": one.index, "level": one.indicated.word}
            for severity, one in severities.items()
        },
    }


def matrix(policy: Policy) -> dict[str, Any]:
    """Return the matrix with its source, and whether a person confirmed it."""
    table = policy.matrix
    bounds = [*table.bounds, None]
    return {
        "name": table.name,
        "source": table.source,
        "confirmed_by": table.confirmed_by,
        "policy_version": policy.version,
        "indexed": table.indexed,
        "rows": [
            {"probability_above": bound, "levels": {str(s): cell.word for s, cell in enumerate(row, start=1)}}
            for bound, row in zip(bounds, table.rows, strict=True)
        ],
    }


def _read(kind: type[Kind], given: object) -> Kind:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise Impossible("; ".join(_said(part) for part in error.errors())) from error


def _said(part: Mapping[str, Any]) -> str:
    where = ".".join(str(step) for step in part["loc"]) or "the case"
    return f"{where}: {part['msg']}"


def _ranked(harms: Sequence[Harm], table: Matrix) -> Ranking:
    columns = len(table.rows[-1])
    strange = [harm.severity for harm in harms if harm.severity > columns]
    if strange:
        raise Impossible(f"severity: {strange[0]} has no column in a matrix of {columns}")
    return ranked(harms, table)


def _shares(harms: Sequence[Harm], ranking: Ranking) -> dict[str, int]:
    if ranking.index is None:
        return {}
    shares: dict[str, int] = {}
    parts = shared_out(ranking.index, [harm.p for harm in harms])
    for harm, part in zip(harms, parts, strict=True):
        shares[harm.factor] = shares.get(harm.factor, 0) + part
    return shares


def _trials(case: TrialsCase, policy: Policy) -> dict[str, Any]:
    as_of, stick = _second("as_of", case.as_of), _alone(case.m0, case.k0, policy)
    half_life = round(case.half_life_days * DAY)
    seen = [_piece(number, event, half_life, as_of) for number, event in enumerate(case.events)]
    state = fold_all(EMPTY, [piece for piece in seen if piece is not None])
    found = beliefs(state, stick, as_of) or [updated(CASE, (0.0, 0.0), stick.measures[CASE])]
    belief = found[0]
    _refuse_shapeless({"m0 x k0 + failures": belief.alpha, "(1 - m0) x k0 + passes": belief.beta})
    ((p05, p50, p95),) = quantiles([belief.alpha], [belief.beta], PROBABILITIES)
    told = {"failures": belief.failures, "trials": belief.trials}
    rate = {"mean": belief.mean, "p05": p05, "p50": p50, "p95": p95}
    chances = {repr(bound): chance_above(belief.alpha, belief.beta, bound) for bound in case.above}
    return {**told, **rate, **({"above": chances} if chances else {})}


def _counts(case: CountsCase, policy: Policy) -> dict[str, Any]:
    """Return the rate per day, and beside it the chance of an incident within the policy's horizon."""
    measure = _alone(case.m0, case.k0, policy).measures[CASE]
    belief = incidence(CASE, case.failures, case.exposure, measure)
    _refuse_shapeless({"m0 x k0 + failures": belief.alpha, "k0 + exposure": belief.beta})
    ((p05, p50, p95),) = quantiles_per_day([belief.alpha], [belief.beta], PROBABILITIES)
    horizon = measure.tempo.horizon
    chance = {
        "mean": chance_within(belief.alpha, belief.beta, horizon),
        "p05": within(p05, horizon),
        "p50": within(p50, horizon),
        "p95": within(p95, horizon),
    }
    told = {"failures": belief.failures, "exposure": belief.trials}
    rate = {"mean": belief.alpha / belief.beta, "p05": p05, "p50": p50, "p95": p95}
    return {**told, **rate, "horizon_days": horizon, "probability_in_horizon": chance}


def _alone(m0: float, k0: float, policy: Policy) -> Yardstick:
    """Return a yardstick of one factor with this prior and one source class that is believed fully."""
    tempo = Tempo(k0 * m0, k0, policy.incidents.horizon_days, ())
    measure = Measure(k0 * m0, k0 * (1 - m0), 1.0, 1, (), shipped=False, tempo=tempo)
    weights, senders = {CASE: MILLION}, {CASE: CASE}
    return Yardstick(policy, {CASE: measure}, weights, senders, 1, Level.LOW, uniform=True)


def _refuse_shapeless(shapes: Mapping[str, float]) -> None:
    """Raise Impossible, naming the number, unless there is a distribution with quantiles."""
    if not min(shapes.values()) > 0:
        raise Impossible("prior and evidence together leave no distribution: m0 and k0 above 0 are needed")
    for name, shape in shapes.items():
        if not LEAST <= shape <= MOST:
            raise Impossible(f"{name} is {shape!r}: out of range, quantiles need {LEAST:g} to {MOST:g}")


def _piece(number: int, event: SeenCase, half_life: int, as_of: int) -> Evidence | None:
    """Return an event as it is folded, or None where it is later than what is asked about."""
    at = _second(f"events.{number}.t", event.t)
    if event.y > event.n:
        raise Impossible(f"events.{number}: {event.y} failures of {event.n} trials cannot be")
    if at > as_of:
        return None
    return evidence(CASE, CASE, event.y, event.n, quality=event.q, at=at, half_life=half_life)


def _second(name: str, given: str | float) -> int:
    """Return an instant in whole Unix seconds: ISO 8601 (UTC if it does not say), seconds, or days."""
    at = _parsed(name, given) if isinstance(given, str) else _numbered(given)
    if not LANDMARK <= at <= LAST_SECOND:
        raise Impossible(f"{name}: {given} is not an instant from 2000-01-01 to 9999-12-31")
    return int(at)


def _parsed(name: str, given: str) -> float:
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise Impossible(f"{name}: {given!r} is not an instant in ISO 8601") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() // 1


def _numbered(given: float) -> float:
    return LANDMARK + given * DAY if 0 <= given < MOST_DAYS else given // 1
