import re

import pytest

from sealwatch.contracts.letters import (
    LARGEST_COPY,
    copied,
    fault_of,
    letter_id,
    letter_of,
    letter_row,
    said_by,
)
from tests.factories import inspection, received

RECORD = received(inspection(), 7)


def caught(raising):
    try:
        raising()
    except ValueError as error:
        return error
    raise AssertionError("nothing was raised")


def fails():
    raise ValueError("what a sender wrote")


def fails_elsewhere():
    raise ValueError("what a sender wrote")


@pytest.mark.parametrize(
    "other",
    [{"offset": 8}, {"partition": 1}, {"topic": "t"}, {"appended_ms": RECORD.appended_ms + 1}],
)
def test_a_letter_is_named_by_where_and_when_its_record_stood(other):
    assert letter_id(RECORD) == letter_id(RECORD._replace(value=b"other"))
    assert letter_id(RECORD) != letter_id(RECORD._replace(**other))


@pytest.mark.parametrize(("size", "kept"), [(LARGEST_COPY, True), (LARGEST_COPY + 1, False)])
def test_bytes_are_copied_up_to_the_limit(size, kept):
    assert (copied(RECORD._replace(value=bytes(size))) is not None) is kept


def test_what_the_headers_say_of_the_sender_is_kept():
    assert said_by(RECORD.headers)[1:] == ("lab", "lims")


@pytest.mark.parametrize("raw", [None, b"", b"\xff", b"a\x00b", b"x" * 65])
def test_a_name_that_no_column_could_hold_is_no_name(raw):
    assert said_by((("ce_organisation", raw), ("ce_id", raw))) == (None, None, None)


def test_a_record_with_nothing_right_still_becomes_a_letter():
    bare = RECORD._replace(key=None, value=None, headers=(("ce_id", None),))

    row, told = letter_row(bare, "unreadable", "null_value"), letter_of(bare, "unreadable", "null_value")

    assert (row[5], row[7], row[8]) == (None, None, 0)
    assert told.headers[0] == ("ce_id", b"")


def test_a_fault_is_named_by_its_kind_and_where_it_was_raised_and_by_no_text_of_the_record():
    twice = {fault_of(caught(fails)) for _ in range(2)}
    elsewhere = fault_of(caught(fails_elsewhere))

    assert len(twice) == 1
    assert re.fullmatch(r"ValueError [0-9a-f]{12}", *twice)
    assert elsewhere not in twice
