"""Signed links: one purpose, one subject, until an instant, under keys that rotate."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.contracts.links import Link, LinkKeys, Purpose, link_keys, link_of, token_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEYS = LinkKeys("b", {"a": b"a" * 32, "b": b"b" * 32})
SUBJECT = bytes(range(16))
LINK = Link(Purpose.ACKNOWLEDGE, SUBJECT, NOW + timedelta(days=30))


@given(st.sampled_from(Purpose), st.binary(min_size=16, max_size=16), st.integers(1, 10**9))
def test_a_token_says_what_was_signed(purpose, subject, seconds):
    link = Link(purpose, subject, NOW + timedelta(seconds=seconds))

    assert link_of(token_of(link, KEYS), KEYS, NOW) == link


def test_the_first_key_signs_and_an_older_one_still_verifies():
    old = token_of(LINK, LinkKeys("a", KEYS.keys))

    assert token_of(LINK, KEYS).startswith("b.")
    assert link_of(old, KEYS, NOW) == LINK


def test_a_key_that_was_taken_away_verifies_nothing():
    assert link_of(token_of(LINK, KEYS), LinkKeys("a", {"a": b"a" * 32}), NOW) is None


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(days=9)])
def test_a_link_ends_at_its_instant(late):
    token = token_of(LINK, KEYS)

    assert link_of(token, KEYS, LINK.ends_at - timedelta(seconds=1)) == LINK
    assert link_of(token, KEYS, LINK.ends_at + late) is None


@given(st.data())
def test_no_changed_character_is_let_pass(data):
    token = token_of(LINK, KEYS)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[place]))

    assert link_of(token[:place] + other + token[place + 1 :], KEYS, NOW) is None


@given(st.text(max_size=300))
def test_no_text_that_we_did_not_sign_is_a_link(text):
    assert link_of(text, KEYS, NOW) is None


def test_the_same_body_under_another_key_id_is_another_signature():
    same = LinkKeys("a", {"a": b"k" * 32, "b": b"k" * 32})
    token = token_of(LINK, same)

    assert link_of("b" + token[1:], same, NOW) is None


def test_keys_are_read_from_a_setting():
    found = link_keys("k2:" + "QUJD" * 11 + ", k1:" + "REVG" * 11)

    assert (found.current, sorted(found.keys)) == ("k2", ["k1", "k2"])


@pytest.mark.parametrize(
    "text",
    ["", "k1", "k1:QUJD", "K1:" + "QUJD" * 11, "k1:" + "QU-_" * 11, ",".join(["k1:" + "QUJD" * 11] * 2)],
)
def test_a_key_that_is_short_or_misspelt_or_named_twice_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # any of them
        link_keys(text)
