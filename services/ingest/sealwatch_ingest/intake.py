"""From a body to records: read strictly, decide, stamp. Nothing is sent here."""

from dataclasses import dataclass, field
from datetime import datetime

from sealwatch.contracts.base import Posted, uid_of
from sealwatch.contracts.codec import Envelope, Headers, Record, Stamp, encode
from sealwatch.contracts.door import BadBody, FieldError, read
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from sealwatch.contracts.topics import EVIDENCE, MAX_EVENT_BYTES
from sealwatch_ingest.accept import event_time, objection
from sealwatch_ingest.auth import Denied, Sender, Senders

MAX_LINES = 5_000  # reliability.md 7.5


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
    Door("/v1/retractions", "evidence.retracted.v1", Retraction),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one event: its uid, or why it was refused."""

    uid: bytes | None = None
    status: int = 202
    code: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(slots=True)
class Intake:
    """Takes the events of one request; stamps of one sender are worked out once per kind."""

    door: Door
    sender: Sender
    senders: Senders
    now: datetime
    records: list[Record] = field(default_factory=list)
    _headers: dict[str | None, Headers] = field(default_factory=dict)

    def take(self, data: bytes) -> Verdict:
        """Read one event and make its record, or say why not."""
        try:
            event = read(self.door.model, data)
            reason = objection(event, self.now)
            if reason is not None:
                return Verdict(status=422, code=reason)
            headers = self._stamped(event)
        except BadBody as bad:
            return Verdict(status=bad.status, code=bad.code, errors=bad.errors)
        except Denied as denied:
            return Verdict(status=denied.status, code=denied.code)
        uid = uid_of(self.sender.organisation, self.sender.source, event.event_id)
        envelope = Envelope(self.door.event_type, uid, event.product_id, event_time(event))
        self.records.append(encode(envelope, data, headers, EVIDENCE.name))
        return Verdict(uid)

    def take_lines(self, body: bytes) -> list[Verdict]:
        """Read one event a line; blank lines are passed over."""
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) > MAX_LINES:
            raise BadBody(413, "batch_too_large")
        if not lines:
            raise BadBody(400, "empty_body")
        return [self._line(line) for line in lines]

    def _line(self, line: bytes) -> Verdict:
        return (
            self.take(line) if len(line) <= MAX_EVENT_BYTES else Verdict(status=413, code="event_too_large")
        )

    def _stamped(self, event: Posted) -> Headers:
        if isinstance(event, Reading):
            return self._of_device(event).headers()
        kind = _kind_of(event)
        headers = self._headers.get(kind)
        if headers is None:
            headers = self._headers[kind] = self.sender.stamp(kind).headers()
        return headers

    def _of_device(self, reading: Reading) -> Stamp:
        """Return the stamp of a device: its period and calibration come from the register."""
        stamp = self.sender.stamp("reading")
        device = self.senders.device(self.sender.organisation, reading.device_id)
        if device is None or device.point_id != reading.point_id:
            raise Denied(422, "unknown_device")
        until = datetime.fromisoformat(device.calibrated_until) if device.calibrated_until else None
        return Stamp(
            stamp.organisation,
            stamp.source,
            stamp.source_class,
            stamp.accredited,
            device.period_seconds,
            until,
        )


def _kind_of(event: Posted) -> str | None:
    match event:
        case Inspection():
            return "inspection"
        case Sighting():
            return event.kind
        case _:
            return None
