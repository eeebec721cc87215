import json

import pytest

from sealwatch.contracts.codec import attributes_of
from sealwatch_api.problems import Declined
from sealwatch_api.repair import STAMPS, Kept, Repair, again
from tests.factories import NOON, description, inspection, record

ASIS = Repair("centre/operator", NOON)


def kept(sent, **other):
    found = {"key": sent.key, "headers": sent.headers, "body": sent.value} | other
    return Kept(b"l" * 16, sent.topic, **found)


def repaired(body):
    return Repair("centre/operator", NOON, json.dumps(body).encode())


def without(headers, name):
    return tuple((one, value) for one, value in headers if one != name)


def refusal(letter, repair):
    with pytest.raises(Declined) as declined:
        again(letter, repair)
    return declined.value.status, declined.value.code


def test_a_letter_goes_out_as_it_came_with_who_sent_it_again():
    sent = record(inspection())

    out, uid = again(kept(sent), ASIS)

    assert (out.topic, out.key, out.value) == (sent.topic, sent.key, sent.value)
    assert set(sent.headers) < set(out.headers)
    assert attributes_of(out.headers)["sealwatch_replayed_by"] == b"centre/operator"
    assert uid.hex().encode() == attributes_of(sent.headers)["ce_id"]


@pytest.mark.parametrize("stamp", STAMPS)
def test_a_record_without_a_stamp_is_sent_again_by_nobody_but_its_sender(stamp):
    sent = record(inspection())

    assert refusal(kept(sent, headers=without(sent.headers, stamp)), repaired(inspection())) == (
        409,
        "no_stamp",
    )


def test_a_repair_is_flagged_beside_what_intake_flagged():
    sent = record(inspection())
    flagged = kept(sent, headers=(*sent.headers, ("ce_flags", b"late")), body=b"{")

    out, _ = again(flagged, repaired(inspection()))

    assert attributes_of(out.headers)["ce_flags"] == b"late,repaired"


def test_a_wrong_key_is_put_right_by_the_repair():
    out, _ = again(kept(record(inspection()), key=b"P9"), repaired(inspection()))

    assert (out.key, attributes_of(out.headers)["ce_partitionkey"]) == (b"P1", b"P1")


def test_a_described_product_can_be_repaired_too():
    out, _ = again(kept(record(description()), body=b"{"), repaired(description(severity_class=4)))

    assert json.loads(out.value)["facts"]["severity_class"] == 4


def test_a_type_that_nobody_knows_cannot_be_repaired():
    sent = record(inspection())
    headers = (*without(sent.headers, "ce_type"), ("ce_type", b"inspection.made.v1"))

    assert refusal(kept(sent, headers=headers), repaired(inspection())) == (409, "still_unreadable")


def test_a_wrong_key_is_not_put_right_without_a_repair():
    assert refusal(kept(record(inspection()), key=b"P9"), ASIS) == (409, "still_unreadable")
