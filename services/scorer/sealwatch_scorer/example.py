"""An event that is known to be good: when it fails too, the fault is ours and not the records'."""

from datetime import UTC, datetime

from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import Event, InspectedItem, InspectionReported
from sealwatch.risk.policy import Policy
from sealwatch.scoring.step import Arrival, Known, Poisoned, walk

_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
_BODY = InspectionReported("example", _AT, (InspectedItem("COPY", "fail"),))
_EVENT = Event(
    uid=bytes(16),
    type="inspection.reported.v1",
    product_id="example",
    organisation="example",
    source="example",
    source_class="national_spot_check",
    accredited=True,
    occurred_at=int(_AT.timestamp()),
    body=_BODY,
)


def works(policy: Policy) -> bool:
    """Return whether the pure steps can score the example."""
    at = int(_AT.timestamp()) * 1000
    record = Received("example", 0, 0, at, b"example", b"{}", ())
    try:
        return bool(walk(Known({}), [Arrival(_EVENT, record, b"", at)], policy).changes)
    except Poisoned:
        return False
