"""May a well-formed event enter? Pure: the time is an argument."""

from datetime import datetime, timedelta

from sealwatch.contracts.base import Posted
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting

MAX_SKEW = timedelta(minutes=5)  # exact-decay.md 1: a clock in the future would outweigh everything


def objection(event: Posted, now: datetime) -> str | None:
    """Return why the event is turned away, or None when it may enter."""
    return "timestamp_in_future" if latest(event) > now + MAX_SKEW else None


def event_time(event: Posted) -> datetime:
    """Return when it happened, as scoring will read it."""
    match event:
        case Inspection():
            return event.sampled_at
        case Reading():
            return event.observed_at
        case Sighting():
            return event.captured_at
        case Retraction():
            return event.retracted_at
    raise TypeError(f"no event time in {type(event).__name__}")


def latest(event: Posted) -> datetime:
    """Return the latest instant that an event names."""
    return event.reported_at if isinstance(event, Inspection) else event_time(event)
