"""Laboratory and spot-check results: one lot, its items, the standards they were measured against."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import (
    Body,
    Code,
    Count,
    Factor,
    Id,
    Instant,
    Name,
    Posted,
    Quantity,
    Region,
)

MonitoringMode = Literal["daily", "special", "professional"]
Rank = Literal["compulsory_national", "recommended", "group", "self_declared"]
Verdict = Literal["pass", "fail", "not_judged"]
Censoring = Literal["below_lod", "below_loq", "above_range"]


class Standard(Body):
    """The clause that an item was judged against, in the edition that was used."""

    code: Code
    edition: Annotated[Code | None, Field(description="year or full edition")] = None
    clause: Code | None = None
    rank: Rank


class Limits(Body):
    """What is allowed: at most, at least, between, or exactly (both sides equal); at least one side.

    A side belongs to what is allowed unless it says otherwise; without a unit it is the value's own.
    """

    lower: Quantity | None = None
    upper: Quantity | None = None
    unit: Code | None = None
    lower_inclusive: bool = True
    upper_inclusive: bool = True

    @model_validator(mode="after")
    def _some_side(self) -> Self:
        if self.lower is None and self.upper is None:
            raise PydanticCustomError("no_limit", "needs a lower or an upper limit")
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise PydanticCustomError("limits_crossed", "lower limit above the upper one")
        if self.lower == self.upper and not (self.lower_inclusive and self.upper_inclusive):
            raise PydanticCustomError("limits_empty", "equal sides, of which one is not allowed itself")
        return self


class Item(Body):
    """One indicator of the lot: a value with unit, a grade, or y of n, and the verdict on it.

    A censored value ("<LOD") has ``censoring`` and, as ``value``, the limit it is below or above;
    it is never read as a measurement.
    """

    indicator: Code
    factor: Factor
    value: Quantity | None = None
    unit: Code | None = None
    censoring: Censoring | None = None
    grade: Code | None = None
    failures: Count | None = None
    trials: Annotated[Count | None, Field(ge=1)] = None
    method: Code | None = None
    standard: Standard | None = None
    limits: Limits | None = None
    verdict: Verdict

    @model_validator(mode="after")
    def _one_kind_of_result(self) -> Self:
        if (self.failures is None) != (self.trials is None):
            raise PydanticCustomError("incomplete_count", "failures and trials go together")
        if self.failures is not None and self.trials is not None and self.failures > self.trials:
            raise PydanticCustomError("more_failures_than_trials", "more failures than trials")
        if self.value is not None and self.unit is None:
            raise PydanticCustomError("unit_missing", "a value needs its unit")
        if self.censoring is not None and self.value is None:
            raise PydanticCustomError("censoring_needs_value", "a censored result needs its limit")
        if (self.value is not None) + (self.grade is not None) + (self.trials is not None) > 1:
            raise PydanticCustomError("several_results", "value, grade or y of n: one of them")
        return self


class Inspection(Posted):
    """A lot inspection as a laboratory posts it; who the sender is comes from its credential."""

    enterprise_id: Id | None = None
    lot: Annotated[Id, Field(description="batch or lot number")]
    region: Region
    monitoring_mode: MonitoringMode
    laboratory: Name
    sampled_at: Instant
    reported_at: Instant
    lot_size: Annotated[Count | None, Field(ge=1)] = None
    sample_size: Annotated[Count | None, Field(ge=1)] = None
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=200, strict=False)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reported_at < self.sampled_at:
            raise PydanticCustomError("inconsistent_dates", "reported before it was sampled")
        if self.lot_size and self.sample_size and self.sample_size > self.lot_size:
            raise PydanticCustomError("sample_exceeds_lot", "sample larger than its lot")
        return self
