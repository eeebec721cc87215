"""Whether a reader has a page already."""

import pytest

from sealwatch_api.feed.atom import NEVER
from sealwatch_api.feed.fresh import headers_of, is_known, tag_of
from tests.factories import NOON

HEADERS = headers_of(b"body", NOON)
TAG = HEADERS["ETag"]


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ({}, False),
        ({"if-none-match": TAG}, True),
        ({"if-none-match": f'"other", W/{TAG}'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"other"'}, False),
        ({"if-none-match": '"other"', "if-modified-since": "Sun, 01 Mar 2026 12:00:00 GMT"}, False),
        ({"if-modified-since": "Sun, 01 Mar 2026 12:00:00 GMT"}, True),
        ({"if-modified-since": "Sun, 01 Mar 2026 11:59:59 GMT"}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Sun, 01 Mar 99999 12:00:00 GMT"}, False),
    ],
)
def test_a_tag_goes_before_a_date(asked, known):
    assert is_known(asked, HEADERS) is known


def test_an_empty_feed_has_no_date_that_counts():
    asked = {"if-modified-since": "Sun, 01 Mar 2026 12:00:00 GMT"}

    assert not is_known(asked, headers_of(b"", NEVER))


def test_another_body_has_another_tag():
    assert tag_of(b"a") != tag_of(b"b")


def test_a_date_is_that_of_http():
    assert HEADERS["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
