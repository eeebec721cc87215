import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from sealwatch.contracts import published
from sealwatch.contracts.door import BadBody, read
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from sealwatch.contracts.strict_json import parse
from tests.factories import inspection, retraction

ITEM = {"indicator": "copies accepted", "factor": "COPY", "verdict": "fail"}
SIGHTING = {
    "event_id": "s-1",
    "product_id": "P1",
    "kind": "listing",
    "platform": "a market place",
    "suspect": 3,
    "seen": 20,
    "captured_at": "2026-03-01T12:00:00Z",
}
PLAIN = json.dumps(retraction()).encode()


def refusal(model, body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(BadBody) as refused:
        read(model, data)
    return refused.value


@pytest.mark.parametrize(
    "second",
    [
        b'"reason":"y"',
        b'"reason" :"y"',
        b'"reason"\n:"y"',
        b'"reason"\t:"y"',
        b'"reason"\r\n  :"y"',
        b'"re\\u0061son":"y"',
    ],
)
def test_a_key_given_twice_is_seen_however_it_is_written(second):
    data = PLAIN[:-1] + b"," + second + b"}"

    assert refusal(Retraction, data).code == "duplicate_key"


@pytest.mark.parametrize("twice", [b'"factor":"COPY"', b'"factor" : "COPY"', b'"verdict"\n:\n"pass"'])
def test_a_key_given_twice_inside_a_part_is_seen_too(twice):
    data = json.dumps(inspection()).encode().replace(b'"indicator"', twice + b',"indicator"')

    assert refusal(Inspection, data).code == "duplicate_key"


@pytest.mark.parametrize("text", ['":', '" :', ': "', '\\":', 'a" : "b', '{"a":1,"a":2}'])
def test_text_that_looks_like_keys_is_only_text(text):
    body = retraction() | {"reason": text}

    assert read(Retraction, json.dumps(body).encode()).reason == text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"value": "NaN", "unit": "g"}, "invalid_field"),
        ({"value": "1.5", "unit": "g"}, "invalid_field"),
        ({"value": True, "unit": "g"}, "invalid_field"),
        ({"value": 1e16, "unit": "g"}, "invalid_field"),
        ({"value": 1.5}, "unit_missing"),
        ({"failures": 2}, "incomplete_count"),
        ({"failures": 3, "trials": 2}, "more_failures_than_trials"),
        ({"failures": 0, "trials": 0}, "invalid_field"),
        ({"failures": 1.0, "trials": 2}, "invalid_field"),
        ({"censoring": "below_lod"}, "censoring_needs_value"),
        ({"grade": "A", "value": 1.5, "unit": "g"}, "several_results"),
        ({"limits": {}}, "no_limit"),
        ({"limits": {"lower": 2, "upper": 1}}, "limits_crossed"),
        ({"factor": "copy"}, "invalid_field"),
        ({"verdict": "maybe"}, "invalid_field"),
        ({"standard": {"code": "Q/1", "rank": "best"}}, "invalid_field"),
    ],
)
def test_an_item_that_contradicts_itself_is_refused(change, code):
    refused = refusal(Inspection, inspection() | {"items": [ITEM | change]})

    assert (refused.status, refused.code) == (422, code)
    assert refused.errors[0].pointer.startswith("/items/0")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"url": "javascript:alert(1)"}, "bad_url"),
        ({"url": "file:///etc/passwd"}, "bad_url"),
        ({"url": "https://user:secret@shop.example/"}, "bad_url"),
        ({"url": "https://"}, "bad_url"),
        ({"url": "https://[::1"}, "bad_url"),
        ({"url": "https://shop.example\\@evil.example/"}, "bad_url"),
        ({"suspect": 21}, "more_suspect_than_seen"),
        ({"price": {"amount": -1, "currency": "CNY"}}, "invalid_field"),
        ({"price": {"amount": 1, "currency": "yuan"}}, "invalid_field"),
        ({"content_sha256": "AB"}, "invalid_field"),
        ({"captured_at": "2026-03-01T12:00:00"}, "timestamp_needs_offset"),
        ({"captured_at": "1999-12-31T23:59:59Z"}, "bad_timestamp"),
        ({"captured_at": 1767225600}, "bad_timestamp"),
        ({"captured_at": ["2026-03-01T12:00:00Z"]}, "bad_timestamp"),
        ({"title": "a\u0007b"}, "control_character"),
        ({"kind": "rumour"}, "invalid_field"),
    ],
)
def test_a_sighting_that_cannot_be_is_refused(change, code):
    refused = refusal(Sighting, SIGHTING | change)

    assert (refused.status, refused.code) == (422, code)


def test_a_field_that_was_made_up_is_refused_without_its_name():
    refused = refusal(Inspection, inspection() | {"items": [ITEM | {"canary": "x"}]})

    assert refused.errors[0].pointer == "/items/0"
    assert "canary" not in repr(refused.errors)


def test_however_much_is_wrong_the_answer_stays_small():
    refused = refusal(Inspection, {f"field{number}": number for number in range(1_000)})

    assert len(refused.errors) == 20


@pytest.mark.parametrize(("first", "second"), [("cafe\u0301", "caf\u00e9"), ("\u1112\u1161\u11ab", "\ud55c")])
def test_ids_in_two_normal_forms_are_one(first, second):
    bodies = [json.dumps(retraction(event_id=one)).encode() for one in (first, second)]

    assert read(Retraction, bodies[0]) == read(Retraction, bodies[1])


SNIPPETS = [
    b'"',
    b"\\",
    b":",
    b" :",
    b",",
    b"{",
    b"}",
    b"[",
    b"\n",
    b"\xff",
    b"\\u0061",
    b"NaN",
    b"1e400",
    b'"reason":"z"',
]


@given(
    some.lists(
        some.tuples(some.integers(0, len(PLAIN)), some.sampled_from(SNIPPETS), some.integers(0, 4)),
        max_size=3,
    )
)
@example([(len(PLAIN) - 1, b',"reason" :"y"', 0)])
def test_a_body_that_was_tampered_with_is_strict_or_refused(changes):
    data = PLAIN
    for place, snippet, cut in changes:
        data = data[:place] + snippet + data[place + cut :]
    try:
        body = read(Retraction, data)
    except BadBody:
        return

    value = parse(data)
    assert isinstance(value, dict)
    assert body.model_fields_set == value.keys()


@given(some.binary(max_size=200))
def test_any_bytes_become_a_body_or_a_refusal(data):
    try:
        read(Sighting, data)
    except BadBody as bad:
        status = bad.status
    else:
        status = 202

    assert status in (202, 400, 422)


@pytest.mark.parametrize("number", [b"1e-99999999999999999999", b"1E-1000", b"-1e-4000"])
def test_a_number_that_no_exact_reader_can_hold_is_refused(number):
    body = published.example("reading.taken.v1").replace(b"0.42", number)

    with pytest.raises(BadBody) as refused:
        read(Reading, body)

    assert refused.value.code == "number_out_of_range"


def test_the_smallest_double_may_enter():
    assert read(Reading, published.example("reading.taken.v1").replace(b"0.42", b"5e-324")).value == 5e-324
