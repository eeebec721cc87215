"""Incidents counted over a time: what has no trials, such as falsified reports or broken commitments."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Code, Count, Factor, Id, Instant, Posted, Region

LONGEST = timedelta(days=3_660)  # ten years: what is longer is an instant that was mistyped; ours


class IncidentCount(Posted):
    """So many incidents of one kind within one time that was watched, none being a report too.

    Times of one sender for one product and indicator do not overlap: a day that is reported twice counts
    twice. A count that was wrong is taken back by a retraction.
    """

    enterprise_id: Id | None = None
    region: Region | None = None
    indicator: Annotated[Code, Field(description="what was counted, such as falsified reports")]
    factor: Factor
    incidents: Count
    observed_from: Instant
    observed_until: Instant

    @model_validator(mode="after")
    def _some_time_was_watched(self) -> Self:
        if self.observed_until <= self.observed_from:
            raise PydanticCustomError("inconsistent_dates", "ends before it begins")
        if self.observed_until - self.observed_from > LONGEST:
            raise PydanticCustomError("time_too_long", "is longer than 3,660 days")
        return self
