"""May a well-formed event enter, and what is odd about it? Pure: the time is an argument."""

from datetime import datetime, timedelta
from functools import lru_cache

from sealwatch.contracts.base import Posted
from sealwatch.contracts.door import FieldError
from sealwatch.contracts.incidents import IncidentCount
from sealwatch.contracts.inspections import Inspection, Item, Limits
from sealwatch.contracts.plain import is_a
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.registry import DeviceEntry, MeasuredIndicator
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from sealwatch.measure.limits import Limit, Measured, Verdict, exact, judge, limit_of
from sealwatch.measure.units import UnknownUnit, conversion
from sealwatch.measure.verdicts import settle

MAX_SKEW = timedelta(minutes=5)  # ours: a clock in the future would outweigh everything
LATE_READING = timedelta(days=30)  # the freshness limits (docs/risk-model.md)
LATE = timedelta(days=365)


def objection(event: Posted, now: datetime, device: DeviceEntry | None = None) -> FieldError | None:
    """Return why the event is turned away, or None when it may enter; a reading comes with its device."""
    if latest(event) > now + MAX_SKEW:
        return FieldError("", "timestamp_in_future", "names an instant that is still to come")
    if is_a(event, Inspection):
        return _fault_of_items(event.items)
    return _fault_of_reading(event, device) if is_a(event, Reading) else None


def flags_of(event: Posted, now: datetime, device: DeviceEntry | None = None) -> tuple[str, ...]:
    """Return what is odd about an event that enters; it is told, travels with it and is kept."""
    flags: list[str] = []
    happened = last = event_time(event)
    late_after = LATE
    if is_a(event, Inspection):
        flags, last = _reasons_of_items(event.items), event.reported_at
    elif is_a(event, Reading):
        flags, late_after = _flags_of_reading(event, device), LATE_READING
    elif is_a(event, Retraction):
        late_after = timedelta.max
    if last > now:
        flags.append("clock_skew")
    if now - happened > late_after:
        flags.append("late")
    return tuple(flags)


def limit_of_item(limits: Limits) -> Limit:
    """Return a posted limit as the numbers that were written."""
    inclusive = (limits.lower_inclusive, limits.upper_inclusive)
    return limit_of((limits.lower, limits.upper), limits.unit, inclusive)


@lru_cache(4096)
def instant(text: str) -> datetime:
    """Return the instant that the register holds as text; a device's readings share it."""
    return datetime.fromisoformat(text)


def event_time(event: Posted) -> datetime:
    """Return when it happened, as scoring will read it."""
    if is_a(event, Inspection):
        return event.sampled_at
    if is_a(event, Reading):
        return event.observed_at
    if is_a(event, Sighting):
        return event.captured_at
    if is_a(event, IncidentCount):
        return event.observed_until
    if is_a(event, Retraction):
        return event.retracted_at
    raise TypeError(f"no event time in {type(event).__name__}")


def latest(event: Posted) -> datetime:
    """Return the latest instant that an event names."""
    return event.reported_at if is_a(event, Inspection) else event_time(event)


def _fault_of_items(items: tuple[Item, ...]) -> FieldError | None:
    for number, item in enumerate(items):
        wanted = item.limits.unit if item.limits else None
        if item.unit is None and wanted is None:
            continue
        code = _fault_of_units(item.unit or wanted or "", wanted or item.unit or "")
        if code is not None:
            return FieldError(f"/items/{number}/unit", *code)
    return None


def _fault_of_units(given: str, wanted: str) -> tuple[str, str] | None:
    try:
        fits = conversion(given, wanted)
    except UnknownUnit:
        return "unknown_unit", "names no unit that we know"
    return None if fits else ("unit_mismatch", "measures something else than what it is compared with")


def _fault_of_reading(reading: Reading, device: DeviceEntry | None) -> FieldError | None:
    if device is not None and not device.knows(reading.indicator):
        return FieldError("/indicator", "unknown_metric", "is not registered for this device")
    metric = device.measures(reading.indicator, reading.product_id) if device else None
    code = _fault_of_units(reading.unit, metric.unit if metric else reading.unit)
    if code is not None:
        return FieldError("/unit", *code)
    if metric is not None and not _can_show(metric, reading):
        return FieldError("/value", "out_of_metric_range", "lies outside what the device can show")
    return None


def _can_show(metric: MeasuredIndicator, reading: Reading) -> bool:
    if metric.lowest is None and metric.highest is None:
        return True
    reach = limit_of((metric.lowest, metric.highest), metric.unit, (True, True))
    return judge(Measured(exact(reading.value), reading.unit), reach).verdict is Verdict.PASS


def _flags_of_reading(reading: Reading, device: DeviceEntry | None) -> list[str]:
    until = device.calibrated_until if device else None
    flags = [] if reading.quality == "good" else [f"quality_{reading.quality}"]
    if until is not None and reading.observed_at > instant(until):
        flags.append("out_of_calibration")
    return flags


def _reasons_of_items(items: tuple[Item, ...]) -> list[str]:
    """Return where the numbers of an item say something else than its verdict, or cannot say it."""
    reasons: list[str] = []
    for item in items:
        if item.limits is None or item.value is None or item.unit is None:
            continue
        measured = Measured(exact(item.value), item.unit, item.censoring)
        reason = settle(item.verdict, measured, limit_of_item(item.limits)).reason
        if reason is not None and reason not in reasons:
            reasons.append(reason.value)
    return reasons
