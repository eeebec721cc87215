"""What the device register adds to the stamp of a reading. Pure."""

from dataclasses import replace

import msgspec

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.reading_limits import ReadingLimit
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.registry import DeviceEntry, MeasuredIndicator
from sealwatch_ingest.accept import instant, limit_of_item

_WRITER = msgspec.json.Encoder(decimal_format="number")


def of_device(stamp: Stamp, device: DeviceEntry, reading: Reading) -> Stamp:
    """Return the stamp with period, calibration and the limit that holds for this reading."""
    until = instant(device.calibrated_until) if device.calibrated_until else None
    metric = device.measures(reading.indicator, reading.product_id)
    limit = _limit(metric) if metric else None
    return replace(stamp, period_seconds=device.period_seconds, calibrated_until=until, limit=limit)


def _limit(metric: MeasuredIndicator) -> str | None:
    """Return the limit with its unit spelled out: that of the indicator where it has none of its own."""
    if metric.limits is None:
        return None
    limits = replace(limit_of_item(metric.limits), unit=metric.limits.unit or metric.unit)
    return _WRITER.encode(ReadingLimit(metric.factor, limits)).decode()
