"""The feed, read by another library."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_api.feed.atom import Place, atom
from tests.factories import NOON
from tests.unit.api.feed.messages import ATOM, HOSTILE, ISSUER, entry, parsed, texts


def links(element):
    return {one.get("rel"): one.get("href") for one in element.findall(ATOM + "link")}


def test_a_feed_has_what_rfc_4287_asks_for():
    feed = parsed(atom(ISSUER, [entry(2), entry(1, released_at=NOON - timedelta(days=1))], Place()))

    assert feed.tag == ATOM + "feed"
    assert texts(feed, "id", ATOM) == ["https://watch.example/public/feed.atom"]
    assert texts(feed, "updated", ATOM) == ["2026-03-01T12:00:00+00:00"]
    assert texts(feed, "author/name", ATOM) == ["监测中心 / Centre"]
    assert len(texts(feed, "title", ATOM)) == 1
    assert len(set(texts(feed, "entry/id", ATOM))) == 2
    assert texts(feed, "entry/title", ATOM) == ["标题 / Headline"] * 2
    assert len(texts(feed, "entry/updated", ATOM)) == 2


def test_an_entry_leads_to_its_message():
    one = parsed(atom(ISSUER, [entry()], Place())).find(ATOM + "entry")
    link = one.find(ATOM + "link")

    assert (link.get("type"), link.get("rel")) == ("application/cap+xml", "alternate")
    assert link.get("href") == ISSUER.address((1).to_bytes(16, "big"))


@pytest.mark.parametrize(
    ("place", "relations"),
    [
        (Place(), {"self", "first"}),
        (Place(None, 7), {"self", "first", "next"}),
        (Place(7, None), {"self", "first"}),
    ],
)
def test_pages_lead_to_one_another(place, relations):
    assert set(links(parsed(atom(ISSUER, [entry()], place)))) == relations


def test_the_next_page_begins_where_this_one_ends():
    found = links(parsed(atom(ISSUER, [], Place(9, 7))))

    assert found["self"].endswith("?before=9")
    assert found["next"].endswith("?before=7")


def test_an_empty_feed_is_one():
    feed = parsed(atom(ISSUER, [], Place()))

    assert texts(feed, "updated", ATOM) == ["1970-01-01T00:00:00+00:00"]


@given(st.text() | st.just(HOSTILE))
def test_whatever_a_name_is_the_feed_can_be_read_and_has_the_same_elements(text):
    made = entry(headlines=(text, text), summaries=(text, text), kinds=(text, text, text))

    feed = parsed(atom(ISSUER, [made], Place()))

    usual = parsed(atom(ISSUER, [entry()], Place()))
    assert [one.tag for one in feed.iter()] == [one.tag for one in usual.iter()]
