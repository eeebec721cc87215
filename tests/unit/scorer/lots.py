"""Short ways to make events as the scorer reads them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sealwatch.contracts.log import (
    AppliedStandard,
    Event,
    IncidentsCounted,
    InspectedItem,
    InspectionReported,
    ReadingTaken,
    SightingRecorded,
)
from sealwatch.contracts.reading_limits import ReadingLimit
from sealwatch.measure.limits import Limit

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMPULSORY = AppliedStandard("a compulsory standard", "compulsory_national")
AT_MOST_A_TENTH = Limit(upper=Decimal("0.1"), unit="%")


def event(body, source_class="national_spot_check", *, accredited=True, **other) -> Event:
    parts = {"type": "", "product_id": "P1", "organisation": "lab", "source": "lims", "body": body}
    known = {"source_class": source_class, "accredited": accredited, "occurred_at": int(AT.timestamp())}
    return Event(**{"uid": bytes(16), **parts, **known, **other})


def lot(*items, mode=None, **other) -> Event:
    return event(InspectionReported("P1", AT, items, mode), **other)


def item(verdict="pass", factor="QUAL", **other) -> InspectedItem:
    return InspectedItem(factor, verdict, **{"indicator": "some indicator", **other})


def valued(text, verdict="pass", unit="mg/kg", limits=AT_MOST_A_TENTH, **other) -> InspectedItem:
    return item(verdict, value=Decimal(text), unit=unit, limits=limits, **other)


def reading(text="0.5", quality="good", unit="mm", **other) -> Event:
    limit = ReadingLimit("ENVR", Limit(upper=Decimal(1), unit="mm"))
    taken = ReadingTaken("P1", AT, "gap", Decimal(text), unit, quality)
    return event(taken, "monitoring_point", **{"period": 3600, "limit": limit, **other})


def sighting(kind="listing", suspect=3, seen=20) -> Event:
    return event(SightingRecorded("P1", AT, kind, suspect, seen), "web")


def counted(incidents=2, days=60.0, factor="INTG", source_class="enforcement", **other) -> Event:
    body = IncidentsCounted("P1", "falsified reports", factor, incidents, AT - timedelta(days=days), AT)
    return event(body, source_class, **other)
