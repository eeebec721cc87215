"""What a detector found: warned of early, apart from the level (not there yet, docs/architecture.md)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sealwatch.contracts.base import ProductId

SignalKind = Literal["aberration", "drift", "lot_refused", "source_silent"]
SignalState = Literal["raised", "updated", "escalated", "closed"]


class SignalRaised(BaseModel):
    """A signal, or the next word on it: one a key and onset, ``sequence`` counts its words from 1.

    ``numbers`` are those that caused it, by name; the detector states how often it cries wolf.
    """

    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)

    uid: Annotated[str, Field(description="of this word; the same cause makes the same uid")]
    signal_id: Annotated[str, Field(description="of the signal: the same for all its words")]
    sequence: Annotated[int, Field(ge=1)]
    kind: SignalKind
    state: SignalState
    detector: str
    product_id: ProductId
    category: str | None
    enterprise_id: str | None
    region: str | None
    factor: str | None
    indicator: str | None
    source_id: str | None
    onset_at: str
    said_at: str
    numbers: dict[str, float]
    false_alarms: Annotated[float, Field(ge=0, description="expected number for each ``per`` without cause")]
    per: Literal["reading", "day", "week", "lot"]
    policy_version: str
    last_event_uid: str
