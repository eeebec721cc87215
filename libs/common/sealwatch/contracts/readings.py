"""Readings of monitoring points."""

from typing import Annotated, Literal

from pydantic import Field

from sealwatch.contracts.base import Code, Id, Instant, Posted, Quantity

QualityFlag = Literal["good", "suspect", "bad"]


class Reading(Posted):
    """One value of one indicator at one point; period and calibration come from the register."""

    point_id: Id
    device_id: Id
    indicator: Code
    value: Quantity
    unit: Code
    observed_at: Instant
    sequence: Annotated[int, Field(ge=0, le=2**53, description="the device's own counter")]
    quality: QualityFlag = "good"
