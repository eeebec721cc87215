"""The quick way accepts nothing that the door refuses, and reads the same where it accepts."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from sealwatch.contracts import door, plain, published
from sealwatch.contracts.door import BadBody
from sealwatch.contracts.incidents import IncidentCount
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from tests.factories import inspection, retraction

CONTRACTS = {
    "inspection.reported.v1": Inspection,
    "reading.taken.v1": Reading,
    "sighting.recorded.v1": Sighting,
    "incidents.counted.v1": IncidentCount,
    "evidence.retracted.v1": Retraction,
}
EXAMPLES = [(contract, published.example(name)) for name, contract in CONTRACTS.items()]
ITEM = {"indicator": "gap", "factor": "QUAL", "value": 1.0, "unit": "mm", "verdict": "pass"}
COMPACT = [
    (contract, json.dumps(json.loads(data), ensure_ascii=ascii_only, separators=(",", ":")).encode())
    for contract, data in EXAMPLES
    for ascii_only in (True, False)
]
SPELLINGS = [
    *(
        b" ",
        b'"',
        b'":',
        b'" :',
        b",",
        b":",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\\",
        b"\\u003a",
        b"\\u0061",
        b"\\ud800",
    ),
    *(b"\n", b"\x7f", b"\xc2\xa0", b"\xe3\x80\x80", b"e\xcc\x81", b"\xe2\x80\xae", b"\xff"),
    *(b"0", b"-0", b"-", b".0", b"e-9", b"e-1000", b"e400", b"E5", b"1e15", b"1e16", b"NaN"),
    *(b"null", b"true", b"false", b"t", b"Z", b"+14:00", b"60"),
    *(b'"lot":"x",', b'"value":null,', b'"quality":"good",', b'"reason":"\\u003a",', b'"verdict":"fail",'),
]


def outcome(read, contract, data):
    """Return what is read, by name, or the refusal; a key that was left out reads as its default."""
    try:
        body = read(contract, data)
    except BadBody as bad:
        return bad.status, bad.code, bad.errors
    return values(body, contract)


def values(body, contract):
    return {name: value_of(getattr(body, name)) for name in contract.model_fields}


def value_of(value):
    if isinstance(value, tuple):
        return [value_of(part) for part in value]
    names = getattr(type(value), "model_fields", None) or getattr(value, "__struct_fields__", None)
    return {name: value_of(getattr(value, name)) for name in names} if names else repr(value)


def is_quick(contract, data):
    return type(plain.read(contract, data)) is not contract


@pytest.mark.parametrize(("contract", "data"), EXAMPLES + COMPACT)
def test_a_plain_body_takes_the_quick_way_however_it_is_spelled(contract, data):
    assert is_quick(contract, data)
    assert outcome(plain.read, contract, data) == outcome(door.read, contract, data)


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        (Inspection, inspection() | {"enterprise_id": None, "lot_size": None}),
        (Inspection, inspection() | {"items": [ITEM | {"limits": {"upper": 1.5, "upper_inclusive": True}}]}),
        (Reading, json.loads(published.example("reading.taken.v1")) | {"quality": "good"}),
    ],
)
def test_a_default_that_is_spelled_out_is_plain_too(contract, said):
    data = json.dumps(said).encode()

    assert is_quick(contract, data)
    assert outcome(plain.read, contract, data) == outcome(door.read, contract, data)


@pytest.mark.parametrize(
    "twice", [b'"lot_size":null', b'"lot_size":7', b'"lot_size": null, "lot_size": null']
)
def test_a_default_that_is_spelled_out_hides_no_key_given_twice(twice):
    data = json.dumps(inspection() | {"lot_size": None}).encode()

    for tampered in (b"{" + twice + b"," + data[1:], data[:-1] + b"," + twice + b"}"):
        with pytest.raises(BadBody):
            plain.read(Inspection, tampered)


@pytest.mark.parametrize(("contract", "data"), EXAMPLES)
def test_an_event_is_known_by_its_contract_whichever_way_it_came(contract, data):
    events = [plain.read(contract, data), door.read(contract, data)]

    assert all(plain.is_a(event, contract) for event in events)
    assert not any(
        plain.is_a(event, other) for event in events for other in {*CONTRACTS.values()} - {contract}
    )


@pytest.mark.parametrize(
    "lot",
    [" lot", "lot ", "lot\n", "lo\u200bt", "\u3000lot", "lot\u00a0", "lo\x7ft", "", "x" * 129, "a:\u0000"],
)
def test_an_id_that_a_pattern_forbids_is_refused_by_the_door(lot):
    for ascii_only in (True, False):
        data = json.dumps(inspection() | {"lot": lot}, ensure_ascii=ascii_only).encode()

        with pytest.raises(BadBody):
            plain.read(Inspection, data)


@pytest.mark.parametrize(
    "twice",
    [
        b'"reason":"x"',
        b'"reason" : "x"',
        b'"reason"\n:"x"',
        b'"re\\u0061son":"x"',
        b'"reason":"\\u003a"',
        b'"reason":"a: b"',
        b'"reason":null',
    ],
)
@pytest.mark.parametrize("reason", ["sample", "a:b:c", "\\u003a\\u003a", ":", '\\":'])
def test_a_key_given_twice_is_seen_whatever_colons_are_about(twice, reason):
    body = json.dumps(retraction() | {"reason": "?"}).encode().replace(b"?", reason.encode())

    for data in (b"{" + twice + b"," + body[1:], body[:-1] + b"," + twice + b"}"):
        with pytest.raises(BadBody):
            plain.read(Retraction, data)


@pytest.mark.parametrize("number", [b"1e-99999999999999999999", b"1E-1000", b"-1e-4000", b"1e400", b"9" * 30])
def test_a_number_that_no_exact_reader_can_hold_is_refused(number):
    with pytest.raises(BadBody):
        plain.read(Reading, published.example("reading.taken.v1").replace(b"0.42", number))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("cafe\u0301", "caf\u00e9"),
        ("\u2126", "\u03a9"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        ("\u6d59\u6c5f", "\u6d59\u6c5f"),
    ],
)
def test_a_text_is_read_in_its_one_form(sent, read):
    data = json.dumps(retraction() | {"reason": sent}, ensure_ascii=False).encode()

    assert plain.read(Retraction, data).reason == read


def test_text_in_another_script_is_plain():
    data = json.dumps(
        inspection() | {"laboratory": "\u6d59\u6c5f\u7701\u8d28\u68c0\u9662"}, ensure_ascii=False
    ).encode()

    assert is_quick(Inspection, data)


@settings(max_examples=400)
@given(
    some.sampled_from(EXAMPLES + COMPACT),
    some.lists(
        some.tuples(some.floats(0, 1), some.sampled_from(SPELLINGS), some.integers(0, 6)),
        min_size=1,
        max_size=3,
    ),
)
def test_however_a_body_is_tampered_with_both_ways_say_the_same(posted, changes):
    contract, data = posted
    for share, snippet, cut in changes:
        place = int(share * len(data))
        data = data[:place] + snippet + data[place + cut :]

    assert outcome(plain.read, contract, data) == outcome(door.read, contract, data)


LEAVES = (
    some.none()
    | some.booleans()
    | some.integers(-(10**18), 10**18)
    | some.floats()
    | some.text(max_size=4)
    | some.sampled_from(
        ["2026-03-01T12:00:00+08:00", "2026-03-01 12:00:00Z", "COPY", "mg/kg", "below_lod", "https://a.cn/"]
    )
)


@settings(max_examples=400)
@given(some.sampled_from(EXAMPLES), some.data(), some.booleans())
def test_whatever_stands_in_a_field_both_ways_say_the_same(posted, drawn, ascii_only):
    contract, data = posted
    body = json.loads(data)
    place = drawn.draw(some.sampled_from([body, *body.get("items", [])]))
    place[drawn.draw(some.sampled_from(sorted(place)))] = drawn.draw(LEAVES)

    changed = json.dumps(body, ensure_ascii=ascii_only).encode(errors="surrogatepass")

    assert outcome(plain.read, contract, changed) == outcome(door.read, contract, changed)
