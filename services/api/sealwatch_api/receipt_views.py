"""What the api answers about an event that was accepted."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sealwatch.risk.decay import MILLION
from sealwatch.scoring.account import Account


class SetAside(BaseModel):
    """A record under the same uid that was not scored, and why; its sender may see it in quarantine."""

    reason: str
    recorded_at: datetime
    state: Literal["open", "dismissed"]


class LetterOf(BaseModel):
    """A record under the same uid that could not be scored, why, and what was done about it."""

    letter_id: str
    error_class: str
    reason: str
    recorded_at: datetime
    state: Literal["open", "replayed", "dismissed"]


class Place(BaseModel):
    """Where in the log an event was scored."""

    partition: int
    offset: int


class Indicator(BaseModel):
    """How one indicator of an event was counted, or why it was not.

    Of a lot each factor counts once, by its worst indicator. ``remarks`` are stable words: why it was not
    counted, such as ``units_incompatible``, ``censored_across_limit``, ``period_missing`` or
    ``worse_indicator_counts``, or what is odd though it was, such as ``verdict_disagrees``.
    """

    indicator: str
    factor: str | None
    counted: bool
    failures: Annotated[float, Field(description="failures it added, times the quality of its method")]
    trials: Annotated[float, Field(description="trials it added, times the quality of its method")]
    over_days: Annotated[bool, Field(description="failures are incidents, and trials days of watching")]
    compulsory_standard: Annotated[
        Literal["met", "failed"] | None, Field(description="empty where none was judged; failed sets a floor")
    ]
    remarks: list[str]


class Receipt(BaseModel):
    """What became of an event.

    An event sent again is one event: its receipt does not change. ``set_aside`` and ``dead_letters`` list
    records that came under the same id and were not scored, such as for ``event_id_conflict``.
    """

    uid: str
    outcome: Annotated[
        Literal["scored", "retracted", "quarantined", "dead_letter"],
        Field(
            description="quarantined, dead_letter: no event stands under this uid; all that came was set "
            "aside, or could not be scored"
        ),
    ]
    product_id: str | None
    type: str | None
    source: str | None
    occurred_at: datetime | None
    recorded_at: datetime
    position: Annotated[Place | None, Field(description="where it was scored")] = None
    retracted_by: str | None = None
    counted_under: Annotated[
        str | None, Field(description="policy version that was in force when it was scored")
    ] = None
    flags: Annotated[list[str], Field(description="what intake found odd, such as late")] = []
    indicators: Annotated[
        list[Indicator] | None,
        Field(description="empty for what is no evidence; null where the stored event is not there to read"),
    ] = None
    set_aside: list[SetAside]
    dead_letters: list[LetterOf]


def indicator_of(account: Account) -> Indicator:
    """Return an account as it is shown."""
    return Indicator(
        indicator=account.indicator,
        factor=account.factor,
        counted=account.counted,
        failures=account.failures_millionths / MILLION,
        trials=account.trials_millionths / MILLION,
        over_days=account.over_days,
        compulsory_standard=None if account.met is None else "met" if account.met else "failed",
        remarks=list(account.remarks),
    )
