"""The lean readers of the log: what they cannot read they say, whatever it is."""

import pytest

from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import decode
from sealwatch.errors import UnreadableRecord
from tests.factories import inspection, received


def with_null(record: Received, name: str) -> Received:
    headers = [(key, None if key == name else value) for key, value in record.headers]
    return record._replace(headers=headers)


@pytest.mark.parametrize("name", ["ce_id", "ce_type", "ce_organisation", "ce_sourceid", "ce_sourceclass"])
def test_a_null_in_a_header_that_is_read_makes_a_record_unreadable(name):
    with pytest.raises(UnreadableRecord, match="undecodable"):
        decode(with_null(received(inspection()), name))


def test_a_time_without_its_offset_makes_a_record_unreadable():
    record = received(inspection())
    local = record.value.replace(b'+00:00"', b'"').replace(b'Z"', b'"')

    with pytest.raises(UnreadableRecord, match="undecodable"):
        decode(record._replace(value=local))


@pytest.mark.parametrize("mode", ["daily", "special", "a mode of a later minor version"])
def test_the_monitoring_mode_of_a_lot_is_read_as_it_was_said(mode):
    event = decode(received(inspection() | {"monitoring_mode": mode}))

    assert event.body.monitoring_mode == mode


def test_a_lot_without_a_mode_is_read_and_says_none():
    body = inspection()
    del body["monitoring_mode"]

    assert decode(received(body)).body.monitoring_mode is None
