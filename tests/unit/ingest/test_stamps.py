"""What the register says of a reading travels with it, and so does what is odd about an event."""

import json
from decimal import Decimal

import pytest

from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import decode
from sealwatch.contracts.reading_limits import ReadingLimit
from sealwatch.contracts.registry import DeviceEntry, RecordedIndicator
from sealwatch.measure.limits import Limit
from sealwatch_ingest.auth import Sender
from sealwatch_ingest.intake import DOORS, Intake
from tests.factories import NOON, inspection

LOTS, READINGS = DOORS[:2]
SENDER = Sender(
    "k", "lab", "lims", {"inspection": "local_spot_check", "reading": "monitoring_point"}, accredited=True
)


def indicator(**other):
    return RecordedIndicator.model_validate(
        {"indicator": "gap", "unit": "mm", "factor": "ENVR", "limits": {"upper": 0.3}} | other
    )


class OneDevice:
    def __init__(self, *indicators):
        known = {"device_id": "D1", "organisation_id": "lab", "point_id": "Point 1", "period_seconds": 3600}
        until = NOON.isoformat()
        self.entry = DeviceEntry(**known, calibrated_until=until, indicators=indicators)

    def credential(self, _key_id):
        return None

    def device(self, _organisation_id, device_id):
        return self.entry if device_id == "D1" else None


def reading(**other):
    named = {"event_id": "r", "product_id": "P1", "point_id": "Point 1", "device_id": "D1", "sequence": 7}
    taken = {"indicator": "gap", "value": 0.3, "unit": "mm", "observed_at": NOON.isoformat()}
    return json.dumps({**named, **taken, **other}).encode()


def taken(senders, *bodies, door=READINGS):
    intake = Intake(door, SENDER, senders, NOON)
    verdicts = [intake.take(body) for body in bodies]
    sent = [Received(r.topic, 0, 0, 0, r.key, r.value, r.headers) for r in intake.records]
    return verdicts, [decode(record) for record in sent]


def test_period_calibration_and_limit_are_read_from_the_log_as_they_were_registered():
    _, (event,) = taken(OneDevice(indicator()), reading())

    assert (event.period, event.calibrated_until) == (3600, int(NOON.timestamp()))
    assert event.limit == ReadingLimit("ENVR", Limit(upper=Decimal("0.3"), unit="mm"))


def test_a_product_s_own_limit_goes_before_the_one_for_all():
    own = indicator(product_id="P2", limits={"lower": 1, "unit": "µm", "lower_inclusive": False})

    _, (usual, special) = taken(OneDevice(own, indicator()), reading(), reading(product_id="P2"))

    assert usual.limit.limits == Limit(upper=Decimal("0.3"), unit="mm")
    assert special.limit.limits == Limit(lower=Decimal("1.0"), unit="µm", lower_inclusive=False)


def test_an_indicator_without_a_limit_stamps_none():
    _, (event,) = taken(OneDevice(indicator(limits=None)), reading())

    assert (event.limit, event.period) == (None, 3600)


def test_a_limit_of_a_later_minor_version_is_still_read():
    recorded = RecordedIndicator.model_validate_json(
        '{"indicator": "gap", "unit": "mm", "factor": "ENVR", "new": 1, "limits": {"upper": 0.3, "new": 2}}'
    )

    _, (event,) = taken(OneDevice(recorded), reading())

    assert event.limit.limits.upper == Decimal("0.3")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (reading(indicator="weight"), "unknown_metric"),
        (reading(unit="mg"), "unit_mismatch"),
        (reading(unit="blorps"), "unknown_unit"),
        (reading(device_id="D2"), "unknown_device"),
    ],
)
def test_a_reading_that_its_device_cannot_have_taken_is_refused(body, code):
    (verdict,), events = taken(OneDevice(indicator()), body)

    assert (verdict.status, verdict.code, events) == (422, code, [])


def test_what_is_odd_is_answered_and_travels_with_its_own_event_only():
    told = inspection()
    told["items"][0] |= {"value": 4.0, "unit": "mm", "limits": {"upper": 5.0}, "verdict": "fail"}

    (odd, usual), (flagged, plain) = taken(
        OneDevice(), json.dumps(told).encode(), json.dumps(inspection(event_id="b")).encode(), door=LOTS
    )

    assert (odd.flags, usual.flags) == (("verdict_disagrees",), ())
    assert (flagged.flags, plain.flags) == (("verdict_disagrees",), ())
