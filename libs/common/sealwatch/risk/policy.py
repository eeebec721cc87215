"""The numbers and texts that the centre may change without a release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from math import prod

from sealwatch.measure.grades import Grades


class Level(IntEnum):
    """Graded risk; the order is the gravity, and no data is never shown as low risk."""

    NOT_ASSESSED = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    SERIOUS = 4

    @property
    def word(self) -> str:
        """Return the level as documents, messages and labels name it."""
        return self.name.lower()

    @property
    def colour(self) -> str:
        """Return the colour of the emergency-response law; grey where nothing is known."""
        return ("grey", "blue", "yellow", "orange", "red")[self]


GRADED = (Level.LOW, Level.MEDIUM, Level.HIGH, Level.SERIOUS)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Levels by probability and severity.

    Row i holds where the probability is above ``bounds[i]``, the last row where it is above none.
    ``indexed`` says that the index (docs/risk-model.md) ranks inside these levels; a matrix of
    another shape has levels only.
    """

    name: str
    source: str
    confirmed_by: str
    indexed: bool
    bounds: tuple[float, ...]
    rows: tuple[tuple[Level, ...], ...]


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a factor before any trial: a mean, worth so many trials.

    For counts the mean is incidents per day, worth so many days of exposure.
    """

    mean: float
    trials: float


@dataclass(frozen=True, slots=True)
class Priors:
    """The published parameter set; the most particular entry holds."""

    usual: Prior
    by_severity: Mapping[int, Prior]
    by_category: Mapping[tuple[str, str], Prior]

    def of(self, category: str | None, factor: str, severity: int) -> Prior:
        """Return the prior of a factor of goods of this category and severity."""
        own = self.by_category.get((category or "", factor))
        return own or self.by_severity.get(severity, self.usual)


@dataclass(frozen=True, slots=True)
class Incidents:
    """How counts are judged: their priors, and the days within which an incident is harm to come."""

    horizon_days: float
    priors: Priors


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a failure becomes harm: steps whose probabilities multiply.

    ``goods`` names the categories it is written for, none for all others; ``severity`` is given
    where the harm is less than what the goods are graded for. ``shipped`` marks our own default,
    which every assessment that used it admits.
    """

    factors: frozenset[str]
    goods: frozenset[str]
    steps: Mapping[str, float]
    severity: int | None
    author: str
    dated: date
    shipped: bool

    @property
    def probability(self) -> float:
        """Return the probability that a failure ends in harm."""
        return prod(self.steps.values())


@dataclass(frozen=True, slots=True)
class Quality:
    """How much of a trial counts, by how it was made."""

    accredited: float
    unaccredited: float
    out_of_calibration: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a factor enters, when there is a level at all, and when a level rises and falls.

    ``serious_corroborated`` replaces ``raise_at`` of Serious when so many source classes each
    hold one effective failure as ``corroborating_classes`` says. Opinion counts towards Serious
    only where all other classes hold ``serious_needs_failures``. ``floor`` is where a failed
    compulsory national standard puts a product at least, while its sample is fresh.
    """

    raise_at: Mapping[Level, float]
    serious_corroborated: float
    corroborating_classes: int
    fall_below: float
    fall_after_days: int
    entering_failures: float
    opinion_trials: float
    serious_needs_failures: float
    floor: Level
    fresh_days: int
    fresh_days_monitored: int


@dataclass(frozen=True, slots=True)
class Coping:
    """What is to be done at a level, by whom, until when, and who is told."""

    actions: tuple[str, ...]
    owner: str
    deadline: str
    audience: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """One published version of the model's parameters; compared by identity, so cheap to key on.

    ``targeted_of`` gives the planned class whose targeted side a class is: what a sender of the planned
    class inspects in another mode than ``planned_modes`` is summed under the side, ``targeted_sides``.
    """

    version: str
    author: str
    effective_from: date
    source: str
    half_lives: Mapping[str, int]
    source_weights: Mapping[str, float]
    opinion_classes: frozenset[str]
    planned_classes: frozenset[str]
    targeted_of: Mapping[str, str]
    planned_modes: frozenset[str]
    grades: Grades
    quality: Quality
    priors: Priors
    incidents: Incidents
    scenarios: tuple[Scenario, ...]
    matrix: Matrix
    thresholds: Thresholds
    unknown_severity: int
    severities: Mapping[str, int]
    coping: Mapping[Level, Coping]
    sent_classes: frozenset[str] = field(init=False)  # that a sender can have: all but targeted sides
    targeted_sides: Mapping[str, str] = field(init=False)  # by planned class

    def __post_init__(self) -> None:
        """Work out what is asked of every event."""
        object.__setattr__(self, "sent_classes", frozenset(self.source_weights) - self.targeted_of.keys())
        sides = {planned: side for side, planned in self.targeted_of.items()}
        object.__setattr__(self, "targeted_sides", sides)

    def sender(self, source_class: str) -> str:
        """Return the class of the sender whose evidence is summed under a class: its own, or the planned."""
        return self.targeted_of.get(source_class, source_class)

    def scenario(self, factor: str, category: str | None) -> Scenario:
        """Return the scenario written for these goods, else the one for all others."""
        able = [s for s in self.scenarios if factor in s.factors]
        own = [s for s in able if category in s.goods]
        return (own or [s for s in able if not s.goods])[0]
