"""Incidents over a time, at the door."""

import json
from datetime import timedelta

import pytest

from sealwatch.contracts.codec import Received, attributes_of
from sealwatch.contracts.log import decode
from sealwatch_ingest.auth import Sender
from sealwatch_ingest.intake import DOORS, Intake
from sealwatch_ingest.senders import Registry
from tests.factories import NOON

[DOOR] = [door for door in DOORS if door.path == "/v1/incidents"]
SENDER = Sender("00", "office", "desk", {"incident": "enforcement"}, accredited=True)
STRANGER = Sender("01", "office", "desk", {"inspection": "enforcement"}, accredited=True)


def count(**other):
    told = {"event_id": "q1", "product_id": "P1", "indicator": "falsified reports", "factor": "INTG"}
    watched = {"observed_from": (NOON - timedelta(days=60)).isoformat(), "observed_until": NOON.isoformat()}
    return json.dumps({**told, "incidents": 2, **watched, **other}).encode()


def taken(body, sender=SENDER):
    intake = Intake(DOOR, sender, Registry(), NOON)
    return intake.take(body), intake.records


def test_a_count_enters_dated_at_the_end_of_its_time_and_is_read_from_the_log():
    verdict, [record] = taken(count())

    event = decode(Received(record.topic, 0, 0, 0, record.key, record.value, record.headers))
    said = attributes_of(record.headers)
    assert (verdict.status, verdict.flags, event.source_class) == (202, (), "enforcement")
    assert (said["ce_type"], event.occurred_at) == (b"incidents.counted.v1", int(NOON.timestamp()))
    assert (event.body.incidents, event.body.factor) == (2, "INTG")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"observed_from": NOON.isoformat()}, "inconsistent_dates"),
        ({"observed_from": (NOON + timedelta(days=1)).isoformat()}, "inconsistent_dates"),
        ({"observed_from": "2010-01-01T00:00:00Z"}, "time_too_long"),
        ({"observed_until": (NOON + timedelta(minutes=6)).isoformat()}, "timestamp_in_future"),
        ({"incidents": -1}, "invalid_field"),
        ({"incidents": 1.5}, "invalid_field"),
        ({"trials": 3}, "invalid_field"),
    ],
)
def test_what_no_time_was_watched_for_or_is_no_count_is_refused(change, code):
    verdict, records = taken(count(**change))

    assert (verdict.status, verdict.errors[0].code, records) == (422, code, [])


def test_a_source_sends_them_only_with_a_class_for_them():
    verdict, _ = taken(count(), STRANGER)

    assert (verdict.status, verdict.code) == (403, "kind_not_permitted")
