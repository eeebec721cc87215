"""From a dead letter to the record that is sent again, or why it cannot be. Pure.

What was stamped on the record stays: uid, type, organisation, source, class, accreditation. A repair
changes the body, and what is derived from a body: the key and the event time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel

from sealwatch.contracts.base import Posted, uid_of
from sealwatch.contracts.codec import Headers, Received, Record, attributes_of
from sealwatch.contracts.door import FieldError, read
from sealwatch.contracts.incidents import IncidentCount
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.log import Event, decode
from sealwatch.contracts.products import ProductDescribed
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from sealwatch.contracts.topics import MAX_EVENT_BYTES
from sealwatch.errors import Halted, UnreadableRecord
from sealwatch_api.problems import Declined

MAX_SKEW = timedelta(minutes=5)  # as at the door: a clock in the future would outweigh everything
# An override is not among them: what a person said of a level is sent again as it is, or said anew.
MODELS: Mapping[str, type[BaseModel]] = {
    "inspection.reported.v1": Inspection,
    "reading.taken.v1": Reading,
    "sighting.recorded.v1": Sighting,
    "incidents.counted.v1": IncidentCount,
    "evidence.retracted.v1": Retraction,
    "product.described.v1": ProductDescribed,
}
STAMPS = ("ce_id", "ce_type", "ce_organisation", "ce_sourceid", "ce_sourceclass", "ce_accredited")
REPAIRED = "repaired"
NO_STAMP = "Its headers do not say who sent it. Dismiss it, and let the sender send it again."
NO_BODY = "The record had no body, or one too large to be copied. Send a repaired body."
STILL_UNREADABLE = "This release cannot read it either. Send a repaired body, or dismiss it."


@dataclass(frozen=True, slots=True)
class Kept:
    """A letter as far as sending it again goes."""

    letter_id: bytes
    topic: str
    key: bytes | None
    headers: Headers
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Repair:
    """Who sends it again and when, with a repaired body or as it is."""

    by: str
    now: datetime
    body: bytes | None = None


def again(letter: Kept, repair: Repair) -> tuple[Record, bytes]:
    """Return the record to send and the uid it carries, or raise Declined or BadBody."""
    said = attributes_of(letter.headers)
    if not all(said.get(name) for name in STAMPS):
        raise Declined(409, "no_stamp", detail=NO_STAMP)
    record = _as_it_is(letter) if repair.body is None else _repaired(letter, repair.body)
    event = _read(record, repair)
    if event.occurred_at > (repair.now + MAX_SKEW).timestamp():
        raise _wrong_body("timestamp_in_future", "lies in the future")
    told = {"sealwatch_letter": letter.letter_id.hex(), "sealwatch_replayed_by": repair.by}
    if repair.body is not None:
        told["ce_time"] = datetime.fromtimestamp(event.occurred_at, UTC).isoformat()
        told["ce_flags"] = ",".join(_flags(said))
    return record._replace(headers=_with(record.headers, told)), event.uid


def _as_it_is(letter: Kept) -> Record:
    if letter.body is None:
        raise Declined(409, "nothing_to_replay", detail=NO_BODY)
    return Record(letter.topic, letter.key or b"", letter.body, letter.headers)


def _repaired(letter: Kept, body: bytes) -> Record:
    """Return the record of a repaired body, which must pass the same door as any other."""
    if len(body) > MAX_EVENT_BYTES:
        raise Declined(413, "event_too_large")
    said = attributes_of(letter.headers)
    model = MODELS.get(said["ce_type"].decode(errors="replace"))
    if model is None:
        raise Declined(409, "still_unreadable", detail=STILL_UNREADABLE)
    event = read(model, body)
    if isinstance(event, Posted) and _uid(said, event.event_id) != said["ce_id"]:
        raise _wrong_body("other_event_id", "has another event_id than the record it repairs")
    product_id = str(getattr(event, "product_id"))  # noqa: B009  # every model of the table has it
    subject = {"ce_subject": product_id, "ce_partitionkey": product_id}
    return Record(letter.topic, product_id.encode(), body, _with(letter.headers, subject))


def _read(record: Record, repair: Repair) -> Event:
    try:
        return decode(Received(record.topic, 0, 0, 0, record.key, record.value, record.headers))
    except (UnreadableRecord, Halted) as error:
        if repair.body is not None:
            raise _wrong_body("still_unreadable", str(error)) from None
        raise Declined(409, "still_unreadable", detail=STILL_UNREADABLE) from None


def _uid(said: Mapping[str, bytes], event_id: str) -> bytes:
    organisation, source = (
        said[name].decode(errors="replace") for name in ("ce_organisation", "ce_sourceid")
    )
    return uid_of(organisation, source, event_id).hex().encode()


def _flags(said: Mapping[str, bytes]) -> Sequence[str]:
    """Return what intake flagged, and that this is not what the sender wrote: an expert is shown both."""
    known = said.get("ce_flags", b"").decode(errors="replace")
    return [*filter(None, known.split(",")), REPAIRED]


def _with(headers: Headers, told: Mapping[str, str]) -> Headers:
    kept = [(name, value) for name, value in headers if name not in told]
    return (*kept, *((name, text.encode()) for name, text in told.items()))


def _wrong_body(code: str, detail: str) -> Declined:
    return Declined(422, code, errors=(FieldError("/body", code, detail),))
