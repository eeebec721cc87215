"""Lean readers of the log: just the fields that scoring needs; what they do not know is passed over.

The same example files that the door accepts are read here in a contract test.
"""

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from sealwatch.contracts.codec import Received
from sealwatch.contracts.reading_limits import ReadingLimit, limit_from
from sealwatch.contracts.topics import EVIDENCE_TYPES
from sealwatch.errors import Halted, UnreadableRecord
from sealwatch.measure.limits import Limit

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""An instant with its offset: without one, what it means would depend on where it is read."""


class AppliedStandard(msgspec.Struct, frozen=True, gc=False):
    """The standard that an item was judged against, and whether it binds."""

    code: str = ""
    rank: str = ""


class InspectedItem(msgspec.Struct, frozen=True, gc=False):
    """One indicator of an inspected lot; its numbers are read as they were written, to the last digit."""

    factor: str
    verdict: str
    failures: int | None = None
    trials: int | None = None
    indicator: str = ""
    value: Decimal | None = None
    unit: str | None = None
    censoring: str | None = None
    grade: str | None = None
    limits: Limit | None = None
    standard: AppliedStandard | None = None


class InspectionReported(msgspec.Struct, frozen=True, gc=False):
    """A lot inspection; the mode is known of every lot that came through the door."""

    product_id: str
    sampled_at: Instant
    items: tuple[InspectedItem, ...]
    monitoring_mode: str | None = None


class ReadingTaken(msgspec.Struct, frozen=True, gc=False):
    """A reading of a monitoring point."""

    product_id: str
    observed_at: Instant
    indicator: str
    value: Decimal
    unit: str
    quality: str = "good"


class SightingRecorded(msgspec.Struct, frozen=True, gc=False):
    """Something seen on the market."""

    product_id: str
    captured_at: Instant
    kind: str
    suspect: int
    seen: int


class IncidentsCounted(msgspec.Struct, frozen=True, gc=False):
    """Incidents of one kind within a time that was watched."""

    product_id: str
    indicator: str
    factor: str
    incidents: int
    observed_from: Instant
    observed_until: Instant


class EvidenceRetracted(msgspec.Struct, frozen=True, gc=False):
    """An earlier event taken back."""

    product_id: str
    source: str
    retracted_event_id: str
    retracted_at: Instant


class DescribedFacts(msgspec.Struct, frozen=True, gc=False):
    """The facts of a product that scoring and warning depend on."""

    category: str
    severity_class: int
    enterprise_id: str | None = None
    region: str | None = None
    technology: str | None = None


class ProductDescribed(msgspec.Struct, frozen=True, gc=False):
    """A revision of a product's facts."""

    product_id: str
    facts_revision: int
    recorded_at: Instant
    facts: DescribedFacts


class LevelOverridden(msgspec.Struct, frozen=True, gc=False):
    """A named person's word on the level in force; without a level an earlier word is taken back."""

    product_id: str
    revision: int
    recorded_at: Instant
    level: Literal["low", "medium", "high", "serious"] | None = None
    expires_at: datetime | None = None


Body = (
    InspectionReported
    | ReadingTaken
    | SightingRecorded
    | IncidentsCounted
    | EvidenceRetracted
    | ProductDescribed
    | LevelOverridden
)


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event of the evidence log with what was stamped on it.

    ``occurred_at`` and ``calibrated_until`` are in whole Unix seconds, fractions cut off, since decay
    counts in whole seconds (docs/risk-model.md). Period in seconds, calibration and limit are those
    of the device that took a reading.
    """

    uid: bytes
    type: str
    product_id: str
    organisation: str
    source: str
    source_class: str
    accredited: bool
    occurred_at: int
    body: Body
    period: int | None = None
    calibrated_until: int | None = None
    limit: ReadingLimit | None = None
    flags: tuple[str, ...] = ()


_READERS: dict[str, tuple[msgspec.json.Decoder[Any], str]] = {
    "inspection.reported.v1": (msgspec.json.Decoder(InspectionReported), "sampled_at"),
    "reading.taken.v1": (msgspec.json.Decoder(ReadingTaken), "observed_at"),
    "sighting.recorded.v1": (msgspec.json.Decoder(SightingRecorded), "captured_at"),
    "incidents.counted.v1": (msgspec.json.Decoder(IncidentsCounted), "observed_until"),
    "evidence.retracted.v1": (msgspec.json.Decoder(EvidenceRetracted), "retracted_at"),
    "product.described.v1": (msgspec.json.Decoder(ProductDescribed), "recorded_at"),
    "level.overridden.v1": (msgspec.json.Decoder(LevelOverridden), "recorded_at"),
}
_STEMS = {type_.rpartition(".")[0] for type_ in EVIDENCE_TYPES}
_UID_DIGITS = 32
_LARGEST_VALUE = 1_000_000
_NO_DEVICE = (None, None, None)
# A header of Kafka may be null, hence AttributeError; JSON nested without end is a RecursionError.
_UNREADABLE = (KeyError, ValueError, OverflowError, AttributeError, TypeError, RecursionError)


def decode(record: Received) -> Event:
    """Return the event, raise UnreadableRecord for a letter, Halted for a newer major version."""
    if record.value is None:
        raise UnreadableRecord("null_value")
    if len(record.value) > _LARGEST_VALUE:
        raise UnreadableRecord("too_large")
    said = dict(record.headers)
    try:
        type_ = said["ce_type"].decode()
        reader, when = _READERS[type_]
        body = reader.decode(record.value)
        event = _stamped(said, type_, body, int(getattr(body, when).timestamp()))
    except _UNREADABLE as error:
        raise _reason(said, error) from error
    if record.key is None or event.product_id.encode() != record.key:
        raise UnreadableRecord("key_mismatch")
    return event


def _stamped(said: dict[str, bytes], type_: str, body: Body, occurred_at: int) -> Event:
    uid = said["ce_id"]
    if len(uid) != _UID_DIGITS:
        raise ValueError("not a uid")
    return Event(
        bytes.fromhex(uid.decode()),
        type_,
        body.product_id,
        said["ce_organisation"].decode(),
        said["ce_sourceid"].decode(),
        said["ce_sourceclass"].decode(),
        said["ce_accredited"] == b"true",
        occurred_at,
        body,
        *(_of_device(said) if type(body) is ReadingTaken else _NO_DEVICE),
        tuple(said["ce_flags"].decode().split(",")) if "ce_flags" in said else (),
    )


def _of_device(said: dict[str, bytes]) -> tuple[int | None, int | None, ReadingLimit | None]:
    """Return period, end of calibration and limit as the register had them when the reading came in."""
    period, until, limit = said.get("ce_period"), said.get("ce_calibrateduntil"), said.get("ce_limit")
    return (
        None if period is None else int(period),
        None if until is None else _seconds(until),
        None if limit is None else limit_from(limit),
    )


@lru_cache(4096)  # a device's readings share it
def _seconds(header: bytes) -> int:
    return int(datetime.fromisoformat(header.decode()).timestamp())


def _reason(said: dict[str, bytes], error: Exception) -> UnreadableRecord | Halted:
    type_ = (said.get("ce_type") or b"").decode(errors="replace")
    if type_ not in _READERS and type_.rpartition(".")[0] in _STEMS:
        return Halted(f"unknown_major_version {type_}: a newer producer is live")
    return UnreadableRecord(f"undecodable ({type(error).__name__})")
