"""What the bench sends is what the door accepts and the log's reader understands."""

import msgspec
import pytest

from bench.events import brief, grave, lots, record
from bench.http_load import Plan, bodies, named
from sealwatch.contracts.codec import Received
from sealwatch.contracts.door import read
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.log import decode
from tests.factories import NOON, NOON_MS


def test_a_lot_is_accepted_at_the_door_and_has_the_size_of_a_real_one():
    [body] = lots(100, range(7, 8), NOON)
    data = msgspec.json.encode(body)

    event = read(Inspection, data)

    assert event.product_id == "product-000007"
    assert 400 <= len(data) <= 600


def test_a_brief_lot_is_accepted_too_and_has_the_size_that_targets_are_stated_for():
    [body] = lots(100, range(1_007, 1_008), NOON, brief)
    data = msgspec.json.encode(body)

    event = read(Inspection, data)

    assert [item.factor for item in event.items] == ["QUAL"]
    assert 390 <= len(data) <= 400


def test_lots_take_products_in_turn_name_every_event_once_and_fail_at_times():
    found = list(lots(10, range(90), NOON))

    verdicts = [body["items"][1]["verdict"] for body in found]

    assert [body["product_id"] for body in found[:11]] == [f"product-{n % 10:06}" for n in range(11)]
    assert len({body["event_id"] for body in found}) == 90
    assert verdicts.count("fail") == 2


def test_a_record_is_read_as_the_event_it_was():
    sent = record(grave("grave-000001", "grave/1", NOON))

    event = decode(Received(sent.topic, 0, 0, NOON_MS, sent.key, sent.value, sent.headers))

    assert event.product_id == "grave-000001"
    assert [item.failures for item in event.body.items] == [20, None]


@pytest.mark.parametrize(("lines", "of_each"), [(1, [1, 1, 1]), (4, [4, 4, 4])])
def test_bodies_hold_so_many_events_each(lines, of_each):
    plan = Plan(port=1, key="k", now=NOON.isoformat(), count=3, connections=1, lines=lines)

    assert [len(body.split(b"\n")) for body in bodies(plan)] == of_each


def test_grave_lots_name_a_product_each():
    plan = Plan(port=1, key="k", now=NOON.isoformat(), count=2, connections=1, first=5, grave=True)

    names = [read(Inspection, body).product_id for body in bodies(plan)]

    assert names == [named(5), named(6)]
