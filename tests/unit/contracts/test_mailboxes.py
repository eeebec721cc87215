"""Addresses: one plain one, or a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.contracts.mailboxes import mailbox, mailbox_id


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("duty@example.org", "duty@example.org"),
        ("a.b+c_d@Sub.EXAMPLE.org", "a.b+c_d@sub.example.org"),
        ("a@xn--80ak6aa92e.com", "a@xn--80ak6aa92e.com"),
        ("x" * 64 + "@example.org", "x" * 64 + "@example.org"),
    ],
)
def test_a_plain_address_is_taken_with_its_domain_in_small_letters(text, address):
    assert mailbox(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.org)bob@evil.example",
        "a@b.example,evil@x.example",
        "a@b.example\n",
        "a@b.example\r\nBcc: evil@x.example",
        '"a@b.example"@evil.example',
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@b",
        "a@b.example ",
        "Alice <a@b.example>",
        "a(comment)@b.example",
        "=?utf-8?q?a=40b?=@evil.example",
        "а@b.example",  # noqa: RUF001  # a Cyrillic letter
        "a@аpple.com",  # noqa: RUF001  # the same
        "a@b..example",
        ".a@b.example",
        "a@-b.example",
        "x" * 65 + "@example.org",
        "a@" + "b." * 130 + "org",
        "a\x00@b.example",
        "",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="not one plain address"):
        mailbox(text)


@given(st.text(max_size=80))
def test_what_is_taken_holds_one_at_and_nothing_that_a_header_could_break_on(text):
    try:
        address = mailbox(f"{text}@example.org")
    except ValueError:
        return

    assert address.isascii()
    assert address.isprintable()
    assert address.count("@") == 1
    assert not set(address) & set(' ,;:<>()[]"\\')


def test_two_organisations_confirm_the_same_address_each_for_itself():
    assert mailbox_id("north", "a@b.example") != mailbox_id("south", "a@b.example")
