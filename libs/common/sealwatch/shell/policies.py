"""Reading a policy document: strictly, and never without the proof that it leaves no gap."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from sealwatch.contracts import strict_json
from sealwatch.contracts.inspections import MonitoringMode
from sealwatch.errors import Misconfigured
from sealwatch.measure.grades import Counted, Grades
from sealwatch.risk.policy import (
    Coping,
    Incidents,
    Level,
    Matrix,
    Policy,
    Prior,
    Priors,
    Quality,
    Scenario,
    Thresholds,
)
from sealwatch.risk.proof import prove

FOLDER = Path(__file__).parent.parent / "policy"
DEFAULT = FOLDER / "default.json"
DAY = 86_400
PLANNED_MODES: tuple[MonitoringMode, ...] = ("daily",)  # of a document that names none; ours

Chance = Annotated[float, Field(ge=0, le=1)]
Text = Annotated[str, Field(min_length=1)]
VersionName = Annotated[
    str,  # a step of a path, so more than dots
    Field(max_length=64, pattern=r"^[.]*[A-Za-z0-9_-][A-Za-z0-9._-]*$", description="of a policy document"),
]
Signature = Annotated[str, StringConstraints(strip_whitespace=True)]  # blanks sign nothing
GradedWord = Literal["low", "medium", "high", "serious"]
Word = Literal["not_assessed", "low", "medium", "high", "serious"]


def _is_left_out(value: object) -> bool:
    """Return whether a part that came later is not said, so that an older document keeps its digest."""
    return value is None


class Part(BaseModel):
    """Any part of the document: nothing unknown, nothing coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class FactorPart(Part):
    """A way to fail, and after how many days its evidence counts half."""

    name: Text
    half_life_days: Annotated[int, Field(ge=1)]


class SourcePart(Part):
    """How far a source class is believed, whether it is opinion, and whether a plan draws its samples.

    What a suspicion or a complaint picked says little about all goods, so it never enters a rate of them.
    ``targeted_of`` makes the class the targeted side of a planned one: what its senders inspect in another
    mode than the planned ones is summed under this class, which no key can have.
    """

    weight: Chance
    opinion: bool = False
    planned: bool = False
    targeted_of: Annotated[Text | None, Field(exclude_if=_is_left_out)] = None


class SamplingPart(Part):
    """In which monitoring modes of a lot a plan drew the sample."""

    source: Text
    planned_modes: Annotated[tuple[MonitoringMode, ...], Field(min_length=1)]


class GradePart(Part):
    """So many failures of so many trials."""

    failures: Annotated[float, Field(ge=0)]
    trials: Annotated[float, Field(gt=0)]


class GradesPart(Part):
    """What each grade of experts and audits counts as."""

    source: Text
    table: dict[Text, GradePart]


class QualityPart(Part):
    """How much of a trial counts, by how it was made."""

    accredited: Chance
    unaccredited: Chance
    out_of_calibration: Chance


class PriorPart(Part):
    """A failure rate expected before any trial, and how many trials that is worth."""

    mean: Chance
    trials: Annotated[float, Field(gt=0)]


class CategoryPriorPart(PriorPart):
    """A prior for one factor of one category of goods."""

    category: Text
    factor: Text


class PriorsPart(Part):
    """The published parameter set."""

    source: Text
    usual: PriorPart
    by_severity: dict[int, PriorPart]
    by_category: tuple[CategoryPriorPart, ...]


class DailyPart(Part):
    """Incidents a day expected before any were counted, and how many days that is worth."""

    mean: Annotated[float, Field(gt=0)]
    days: Annotated[float, Field(gt=0)]


class CategoryDailyPart(DailyPart):
    """A prior of counts for one factor of one category of goods."""

    category: Text
    factor: Text


class IncidentsPart(Part):
    """The published parameter set of counts, and the horizon within which an incident counts."""

    source: Text
    horizon_days: Annotated[float, Field(gt=0)]
    usual: DailyPart
    by_severity: dict[int, DailyPart]
    by_category: tuple[CategoryDailyPart, ...]


class ScenarioPart(Part):
    """How a failure of these factors harms whoever uses these goods (no goods: all others)."""

    factors: tuple[Text, ...]
    goods: tuple[Text, ...]
    steps: dict[Text, Chance]
    severity: int | None
    author: Text
    dated: date
    shipped: bool


class MatrixPart(Part):
    """Levels by falling probability bounds and rising severity."""

    name: Text
    source: Text
    confirmed_by: Signature
    indexed: bool
    bounds: tuple[float, ...]
    rows: tuple[tuple[GradedWord, ...], ...]


class LevelsPart(Part):
    """When a factor enters, and when a level begins, rises and falls."""

    raise_at: dict[GradedWord, Chance]
    serious_corroborated: Chance
    corroborating_classes: int
    fall_below: Chance
    fall_after_days: int
    entering_failures: float
    opinion_trials: float
    serious_needs_failures: float
    floor: GradedWord


class FreshnessPart(Part):
    """After how many days without evidence a level is stale, sooner where monitoring points report."""

    days: Annotated[int, Field(ge=1)]
    monitored_days: Annotated[int, Field(ge=1)]


class GoodsPart(Part):
    """Severity classes by category, and the one assumed where nothing is known."""

    unknown_severity: int
    severities: dict[Text, int]


class CopingPart(Part):
    """What is to be done at a level, by whom, until when, and who is told."""

    actions: tuple[Text, ...]
    owner: Text
    deadline: Text
    audience: tuple[Text, ...]


class PolicyDocument(Part):
    """A published version of the model's parameters, in force from the start of a UTC day."""

    version: VersionName
    author: Text
    effective_from: date
    source: Text
    factors: dict[Text, FactorPart]
    sources: dict[Text, SourcePart]
    sampling: Annotated[SamplingPart | None, Field(exclude_if=_is_left_out)] = None
    quality: QualityPart
    grades: GradesPart
    priors: PriorsPart
    incidents: IncidentsPart
    scenarios: tuple[ScenarioPart, ...]
    matrix: MatrixPart
    levels: LevelsPart
    freshness: FreshnessPart
    goods: GoodsPart
    coping: dict[Word, CopingPart]


def load_policy(path: Path | None = None) -> Policy:
    """Return the proven policy of a document, of the shipped one where none is named."""
    chosen = path or DEFAULT
    try:
        policy = policy_of(chosen.read_bytes())
    except (OSError, ValueError) as error:
        raise Misconfigured(f"policy {chosen.name}: {error}") from error
    return policy


def policy_of(raw: bytes) -> Policy:
    """Return the proven policy that these bytes hold."""
    try:
        strict_json.parse(raw)
        document = PolicyDocument.model_validate_json(raw)
    except (strict_json.NotStrict, ValidationError) as error:
        raise Misconfigured(f"the policy document cannot be read: {error}") from error
    policy = _policy(document)
    prove(policy)
    return policy


def _policy(document: PolicyDocument) -> Policy:
    return Policy(
        version=document.version,
        author=document.author,
        effective_from=document.effective_from,
        source=document.source,
        half_lives={name: part.half_life_days * DAY for name, part in document.factors.items()},
        source_weights={name: part.weight for name, part in document.sources.items()},
        opinion_classes=frozenset(n for n, part in document.sources.items() if part.opinion),
        planned_classes=frozenset(n for n, part in document.sources.items() if part.planned),
        targeted_of={n: part.targeted_of for n, part in document.sources.items() if part.targeted_of},
        planned_modes=frozenset(document.sampling.planned_modes if document.sampling else PLANNED_MODES),
        grades=_grades(document.grades),
        quality=Quality(**document.quality.model_dump()),
        priors=_priors(document.priors),
        incidents=_incidents(document.incidents),
        scenarios=tuple(_scenario(part) for part in document.scenarios),
        matrix=_matrix(document.matrix),
        thresholds=_thresholds(document.levels, document.freshness),
        unknown_severity=document.goods.unknown_severity,
        severities=document.goods.severities,
        coping={_level(word): _coping(part) for word, part in document.coping.items()},
    )


def _grades(part: GradesPart) -> Grades:
    table = {grade: Counted(entry.failures, entry.trials) for grade, entry in part.table.items()}
    try:
        return Grades(table, part.source)
    except ValueError as error:
        raise Misconfigured(f"grades: {error}") from error


def _level(word: str) -> Level:
    return Level[word.upper()]


def _prior(part: PriorPart | DailyPart) -> Prior:
    return Prior(part.mean, part.trials if isinstance(part, PriorPart) else part.days)


def _priors(part: PriorsPart | IncidentsPart) -> Priors:
    own = {(entry.category, entry.factor): _prior(entry) for entry in part.by_category}
    if len(own) != len(part.by_category):
        raise Misconfigured("the policy has two priors for one factor of one category")
    severe = {severity: _prior(prior) for severity, prior in part.by_severity.items()}
    return Priors(_prior(part.usual), severe, own)


def _incidents(part: IncidentsPart) -> Incidents:
    return Incidents(part.horizon_days, _priors(part))


def _scenario(part: ScenarioPart) -> Scenario:
    return Scenario(
        factors=frozenset(part.factors),
        goods=frozenset(part.goods),
        steps=part.steps,
        severity=part.severity,
        author=part.author,
        dated=part.dated,
        shipped=part.shipped,
    )


def _matrix(part: MatrixPart) -> Matrix:
    rows = tuple(tuple(_level(word) for word in row) for row in part.rows)
    return Matrix(part.name, part.source, part.confirmed_by, part.indexed, part.bounds, rows)


def _thresholds(part: LevelsPart, fresh: FreshnessPart) -> Thresholds:
    return Thresholds(
        raise_at={_level(word): chance for word, chance in part.raise_at.items()},
        serious_corroborated=part.serious_corroborated,
        corroborating_classes=part.corroborating_classes,
        fall_below=part.fall_below,
        fall_after_days=part.fall_after_days,
        entering_failures=part.entering_failures,
        opinion_trials=part.opinion_trials,
        serious_needs_failures=part.serious_needs_failures,
        floor=_level(part.floor),
        fresh_days=fresh.days,
        fresh_days_monitored=fresh.monitored_days,
    )


def _coping(part: CopingPart) -> Coping:
    return Coping(part.actions, part.owner, part.deadline, part.audience)
