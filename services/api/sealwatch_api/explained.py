"""From an explanation to what is shown of it. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from sealwatch.contracts.risk import LevelWord, Points
from sealwatch.risk.explanation import Explanation as Reasons
from sealwatch.risk.explanation import Removal as Removed
from sealwatch.risk.explanation import explain
from sealwatch.risk.flips import Flip, Scene
from sealwatch.scoring.weightiest import Behind, Weighed, weightiest
from sealwatch_api.levels import Floor, floors_of, word

DAY = 86_400


class Share(BaseModel):
    """What a factor contributes to the index, in whole thousandths of a point; they sum exactly."""

    factor: str
    counted: Annotated[bool, Field(description="incidents over days instead of failures of trials")]
    thousandths: int


class Removal(BaseModel):
    """Where the product would rank if nothing were known of a factor."""

    factor: str
    indicated: LevelWord
    index: Points | None
    points: Annotated[float | None, Field(description="how many points the factor adds")]


class SourceSum(BaseModel):
    """What one source class said of a factor, decayed to the instant, before its weight."""

    factor: str
    source_class: str
    targeted_of: Annotated[
        str | None, Field(description="the planned class of whose lots these are the ones that no plan drew")
    ]
    counted: bool
    half_life_days: float
    failures: float
    trials: float
    weight: float


class FlipView(BaseModel):
    """The smallest further evidence that moves the level, found by scoring it."""

    factors: list[str]
    source_class: str
    failures: int
    trials: int
    counted: bool
    before: LevelWord
    after: LevelWord
    at_once: Annotated[bool, Field(description="false where the level falls after the policy's days")]


class EventBehind(BaseModel):
    """What one event says of one factor; ``uid`` is its receipt."""

    uid: str
    type: str
    source: str
    source_class: str
    occurred_at: datetime
    factor: str
    counted: bool
    failures: float
    trials: float
    weight: Annotated[float, Field(description="its trials now: decayed, times the weight of its source")]


class Explanation(BaseModel):
    """Why a product stands where the model puts it; every figure is what scoring gives."""

    assessed_at: datetime
    policy_version: str
    facts_revision: int
    facts_unknown: Annotated[bool, Field(description="assessed before its facts were recorded")]
    shipped_steps: Annotated[
        bool, Field(description="rests on shipped scenarios that wait for the centre's own")
    ]
    model_level: Annotated[LevelWord, Field(description="what the model puts in force")]
    below_since: date | None
    indicated: LevelWord
    severity: int
    index: Points | None
    index_thousandths: int | None
    main_factor: str | None
    shares: list[Share]
    removals: list[Removal]
    sources: list[SourceSum]
    chances: Annotated[dict[str, float], Field(description="P of at least each level")]
    floors: list[Floor]
    rise: FlipView | None
    fall: FlipView | None


def explanation_of(scene: Scene) -> Explanation:
    """Return the explanation of a scene as it is shown."""
    found = explain(scene)
    return Explanation(
        assessed_at=datetime.fromtimestamp(found.at, UTC),
        policy_version=found.policy_version,
        facts_revision=found.facts_revision,
        facts_unknown=not found.facts_known,
        shipped_steps=found.shipped_steps,
        model_level=word(found.level),
        below_since=found.below_since,
        indicated=word(found.indicated),
        severity=found.severity,
        index=found.index,
        index_thousandths=found.index_thousandths,
        main_factor=found.main_factor,
        shares=[Share(**share._asdict()) for share in found.shares],
        removals=[_removal(removal) for removal in found.removals],
        sources=_sources(found),
        chances={level.word: chance for level, chance in found.chances.items()},
        floors=floors_of(found.floors),
        rise=_flip(found.rise),
        fall=_flip(found.fall),
    )


def _removal(removed: Removed) -> Removal:
    return Removal(
        factor=removed.factor, indicated=word(removed.indicated), index=removed.index, points=removed.points
    )


def _sources(found: Reasons) -> list[SourceSum]:
    rows = [source._asdict() for source in found.sources]
    return [SourceSum(**row, half_life_days=row["half_life"] / DAY) for row in rows]


def _flip(flip: Flip | None) -> FlipView | None:
    if flip is None:
        return None
    return FlipView(
        factors=[lever.factor for lever in flip.levers],
        source_class=flip.source_class,
        failures=flip.failures,
        trials=flip.trials,
        counted=any(lever.counted for lever in flip.levers),
        before=word(flip.before),
        after=word(flip.after),
        at_once=flip.at_once,
    )


def events_of(events: Iterable[Behind], scene: Scene) -> tuple[list[EventBehind], int]:
    """Return the heaviest events at the instant of a scene, and how many hold evidence."""
    found, count = weightiest(events, scene.policy, scene.at)
    return [_event(one) for one in found], count


def _event(one: Weighed) -> EventBehind:
    return EventBehind(
        uid=one.event.uid.hex(),
        type=one.event.type,
        source=one.event.source,
        source_class=one.source_class,
        occurred_at=datetime.fromtimestamp(one.event.occurred_at, UTC),
        factor=one.factor,
        counted=one.counted,
        failures=one.failures,
        trials=one.trials,
        weight=one.weight,
    )
