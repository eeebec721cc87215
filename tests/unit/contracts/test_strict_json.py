import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.contracts.strict_json import NotStrict, canonical, parse

PLAIN = (
    some.none()
    | some.booleans()
    | some.integers(-(10**15), 10**15)
    | some.text(some.characters(codec="utf-8"))
)
VALUES = some.recursive(
    PLAIN | some.floats(-1e300, 1e300),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text("abc"), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_body"),
        (b" \n", "empty_body"),
        (b"{", "malformed_json"),
        (b"{} {}", "malformed_json"),
        (b"{'a': 1}", "malformed_json"),
        (b"[1,]", "malformed_json"),
        (b"01", "malformed_json"),
        (b'"a\nb"', "malformed_json"),
        (b'{"a": "\xe4\xb8"}', "not_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "not_utf8"),
        ('{"a": 1}'.encode("utf-16-le"), "not_utf8"),
        ('{"a": 1}'.encode("utf-32-be"), "not_utf8"),
        (b"\xef\xbb\xbf{}", "bom"),
        (b'{"a": NaN}', "non_finite"),
        (b'{"a": Infinity}', "non_finite"),
        (b"[-Infinity]", "non_finite"),
        (b"[1e400]", "number_out_of_range"),
        (b"[1e-99999999999999999999]", "number_out_of_range"),
        (b"[-1e400]", "number_out_of_range"),
        (b"[" + b"9" * 30 + b"]", "number_out_of_range"),
        (b"[" + b"9" * 5_000 + b"]", "number_out_of_range"),
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
        (b'[{"b": {"a": 1, "a" : 2}}]', "duplicate_key"),
        (b'["\\ud800"]', "lone_surrogate"),
        (b'{"\\udfff": 1}', "lone_surrogate"),
        (b"[" * 17 + b"]" * 17, "too_deep"),
        (b'{"a":' * 900 + b"1" + b"}" * 900, "too_deep"),
        (b"[" * 100_000, "too_deep"),
    ],
)
def test_what_parsers_disagree_on_is_refused_with_a_stable_code(data, code):
    with pytest.raises(NotStrict) as refused:
        parse(data)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"[" * 16 + b"]" * 16, json.loads("[" * 16 + "]" * 16)),
        (b'"[[[[[[[[[[[[[[[[[[[["', "[" * 20),
        (b'{"a": "\\"[[", "b": ["\\\\"]}', {"a": '"[[', "b": ["\\"]}),
        (b'"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        (b"5e-324", 5e-324),
        (b"12345678901234567", 12345678901234567),
    ],
)
def test_what_is_strict_is_read(data, value):
    assert parse(data) == value


def test_minus_zero_becomes_zero_so_that_equal_values_have_equal_bytes():
    assert canonical(parse(b"[-0.0]")) == b"[0.0]"


@pytest.mark.parametrize("data", [b'"' + b'\\"' * 130_000, b'{"a":"' + b'\\"' * 130_000, b'"\\' * 130_000])
def test_an_unending_string_costs_no_more_than_its_length(data):
    with pytest.raises(NotStrict) as refused:
        parse(data)  # a search that starts again at every quote takes minutes here

    assert refused.value.code == "malformed_json"


@given(some.binary())
def test_any_bytes_are_read_or_refused_and_nothing_else(data):
    try:
        value = parse(data)
    except NotStrict:
        return

    assert json.loads(data) == value


@given(VALUES)
def test_every_sound_value_survives_the_parser_and_has_one_spelling(value):
    once = canonical(parse(canonical(value)))

    assert canonical(parse(once)) == once


def test_text_in_two_normal_forms_has_one_spelling():
    assert canonical("Caf\N{LATIN SMALL LETTER E WITH ACUTE}") == canonical("Cafe\N{COMBINING ACUTE ACCENT}")
