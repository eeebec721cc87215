"""What the demonstration reads in the letters of its mailbox."""

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.mailing import link_of, warned
from tests.factories import NOON


def letter(body="", *, at=NOON, thread=None):
    made = EmailMessage()
    made["Date"] = format_datetime(at)
    if thread:
        made["In-Reply-To"] = thread
    made.set_content(body)
    return made


def kept(folder, *letters):
    for number, one in enumerate(letters):
        (folder / f"{number}.eml").write_bytes(one.as_bytes())
    return folder


def test_a_link_is_found_by_its_path_wherever_it_leads():
    said = "Confirm:\nhttp://127.0.0.1:8080/mail/k.a-b.c_d?language=zh\n"

    assert link_of(letter(said)) == "/mail/k.a-b.c_d"


def test_a_letter_without_a_link_cannot_be_answered():
    with pytest.raises(Misconfigured, match="no link"):
        link_of(letter("nothing"))


def test_warnings_are_the_letters_about_a_product_since_then(tmp_path):
    minute = timedelta(minutes=1)
    question, old = letter(), letter(thread="<t@x>", at=NOON - minute)
    new = letter(thread="<t@x>", at=NOON + minute)
    folder = kept(tmp_path, question, old, new)

    assert [one["date"].datetime for one in warned(folder, NOON)] == [NOON + minute]
    assert warned(tmp_path / "none", NOON) == []
