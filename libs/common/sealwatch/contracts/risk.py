"""What the scorer tells the rest of the world."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sealwatch.contracts.base import ProductId

LevelWord = Literal["not_assessed", "low", "medium", "high", "serious"]
Points = Annotated[float, Field(ge=0, le=100, description="risk index, 0 to 100")]


class Told(BaseModel):
    """What travels on Kafka; the unknown fields of a later minor version are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    product_id: ProductId
    category: str | None
    enterprise_id: str | None
    region: str | None
    severity_class: int
    facts_known: bool
    facts_revision: int
    policy_version: str
    last_event_uid: str


class FactorShare(BaseModel):
    """What a factor contributes to an index, in points; the shares of all factors sum to it."""

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    factor: str
    points: Points


class LevelChanged(Told):
    """A product moved to another level; ``sequence`` counts the changes of one product from 1.

    ``start_level`` is where a product of its severity starts without evidence: a first assessment
    is only a warning above it.
    """

    uid: str
    sequence: Annotated[int, Field(ge=1)]
    before: LevelWord
    after: LevelWord
    start_level: LevelWord
    index: Points | None
    indicated: LevelWord
    main_factor: str | None
    reason: str
    changed_at: str
    model_level: Annotated[
        LevelWord | None, Field(description="the model's own level, which a person's word may cover")
    ] = None
    index_p05: Points | None = None
    index_p95: Points | None = None
    shares: Annotated[
        tuple[FactorShare, ...], Field(description="the largest shares of the index, none where quiet")
    ] = ()


class OpenFloor(BaseModel):
    """A clause of a compulsory national standard that was failed and has passed no later sample."""

    model_config = ConfigDict(frozen=True, extra="allow")

    standard: str
    indicator: str


class RiskAssessed(Told):
    """The latest assessment of a product; ``index`` is empty while it is not assessed."""

    revision: int
    risk_level: LevelWord
    indicated: LevelWord
    index: Points | None
    index_p05: Points | None
    index_p50: Points | None
    index_p95: Points | None
    main_factor: str | None
    below_since: str | None
    assessed_at: str
    stale: Annotated[bool, Field(description="the newest evidence had outlived the policy's limit")] = False
    floors: tuple[OpenFloor, ...] = ()
    model_level: Annotated[
        LevelWord | None, Field(description="the model's own level, which a person's word may cover")
    ] = None
    override_until: Annotated[
        str | None, Field(description="until when a person's word is the level in force")
    ] = None
