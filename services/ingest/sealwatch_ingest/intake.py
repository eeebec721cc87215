"""From a body to records: read strictly, decide, stamp. Nothing is sent here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from sealwatch.contracts.base import Posted, uids_of
from sealwatch.contracts.codec import Envelope, Headers, Record, encode
from sealwatch.contracts.door import BadBody, FieldError
from sealwatch.contracts.incidents import IncidentCount
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.plain import is_a, read
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.registry import DeviceEntry
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from sealwatch.contracts.topics import EVIDENCE, MAX_EVENT_BYTES
from sealwatch_ingest.accept import event_time, flags_of, objection
from sealwatch_ingest.auth import Denied, Sender, Senders
from sealwatch_ingest.stamps import of_device

MAX_LINES = 5_000  # ours


@dataclass(frozen=True, slots=True)
class Door:
    """One kind of event: its path, type and body."""

    path: str
    event_type: str
    model: type[Posted]


DOORS = (
    Door("/v1/inspections", "inspection.reported.v1", Inspection),
    Door("/v1/readings", "reading.taken.v1", Reading),
    Door("/v1/sightings", "sighting.recorded.v1", Sighting),
    Door("/v1/incidents", "incidents.counted.v1", IncidentCount),
    Door("/v1/retractions", "evidence.retracted.v1", Retraction),
)


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What became of one event, on which line of a batch: its uid and what is odd, or why it was refused."""

    uid: bytes | None = None
    status: int = 202
    code: str = ""
    errors: tuple[FieldError, ...] = ()
    line: int = 1
    flags: tuple[str, ...] = ()


@dataclass
class Intake:
    """Takes the events of one request; what its sender's events share is worked out once."""

    door: Door
    sender: Sender
    senders: Senders
    now: datetime
    records: list[Record] = field(default_factory=list)
    _headers: dict[object, Headers] = field(default_factory=dict)
    _uid: Callable[[str], bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Begin the hash that its events' uids share."""
        self._uid = uids_of(self.sender.organisation, self.sender.source)

    def take(self, data: bytes, line: int = 1) -> Verdict:
        """Read one event and make its record, or say why not."""
        try:
            event = read(self.door.model, data)
            device = self._device_of(event) if is_a(event, Reading) else None
            fault = objection(event, self.now, device)
            if fault is not None:
                return Verdict(None, 422, fault.code, (fault,), line)
            headers = self._stamped(event, device)
        except BadBody as bad:
            return Verdict(None, bad.status, bad.code, bad.errors, line)
        except Denied as denied:
            return Verdict(None, denied.status, denied.code, (), line)
        uid = self._uid(event.event_id)
        flags = flags_of(event, self.now, device)
        if flags:
            headers = (*headers, ("ce_flags", ",".join(flags).encode()))
        envelope = Envelope(self.door.event_type, uid, event.product_id, event_time(event))
        self.records.append(encode(envelope, data, headers, EVIDENCE.name))
        return Verdict(uid, line=line, flags=flags)

    def take_lines(self, lines: Sequence[tuple[int, bytes]]) -> list[Verdict]:
        """Take numbered lines, each by itself: one refusal stops no other."""
        return [
            self.take(data, number)
            if len(data) <= MAX_EVENT_BYTES
            else Verdict(None, 413, "event_too_large", (), number)
            for number, data in lines
        ]

    def _stamped(self, event: Posted, device: DeviceEntry | None) -> Headers:
        kind = _kind_of(event)
        about: object = kind
        if device is not None and is_a(event, Reading):
            about = (event.device_id, event.indicator, event.product_id)
        headers = self._headers.get(about)
        if headers is None:
            stamp = self.sender.stamp(kind)
            if device is not None and is_a(event, Reading):
                stamp = of_device(stamp, device, event)
            headers = self._headers[about] = stamp.headers()
        return headers

    def _device_of(self, reading: Reading) -> DeviceEntry:
        """Return the registered device; period and calibration are never read from the body."""
        device = self.senders.device(self.sender.organisation, reading.device_id)
        if device is None or device.point_id != reading.point_id:
            raise Denied(422, "unknown_device")
        return device


def numbered(body: bytes) -> list[tuple[int, bytes]]:
    """Return the lines with their numbers; blank ones count and are passed over."""
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise BadBody(413, "batch_too_large")
    if not lines:
        raise BadBody(400, "empty_body")
    return lines


def _kind_of(event: Posted) -> str | None:
    if is_a(event, Inspection):
        return "inspection"
    if is_a(event, Reading):
        return "reading"
    if is_a(event, Sighting):
        return event.kind
    return "incident" if is_a(event, IncidentCount) else None
