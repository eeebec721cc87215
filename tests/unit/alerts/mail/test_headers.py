"""The one way into a header."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_alerts.mail.headers import LONGEST, BadHeader, one_line, put, sealed

HOSTILE = [
    "a\nBcc: evil@x.example",
    "a\r\nBcc: evil@x.example",
    "=?utf-8?q?a=0ABcc:_evil@x.example?=",
    "=?utf-8?b?YQpCY2M6IGV2aWxAeC5leGFtcGxl?=",
    "=?utf-8?q?a=0ABc?= =?utf-8?q?c:_evil@x.example?=",
    "=\u200b?utf-8?q?a=0ABcc:_evil@x.example?=",
    "a\x00b",
    "a\x0bb",
    "a\x0cb",
    "a\x85b",
    "a\u2028b",
    "a\u202egpj.exe",
    "a\ud800b",
]
ALL_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


def letter(subject):
    message = EmailMessage()
    put(message, "Subject", subject)
    message.set_content("x", cte="base64")
    return sealed(message, ("Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"))


def read(raw):
    return message_from_bytes(raw, policy=policy.default)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_header_refuses_what_could_become_another(text):
    with pytest.raises(BadHeader):
        put(EmailMessage(), "Subject", text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_from_data_is_made_harmless_and_reads_back_as_it_was_shown(text):
    shown = one_line(text)

    back = read(letter(shown))

    assert back["subject"] == shown
    assert back["bcc"] is None


@given(ALL_TEXT)
def test_any_text_at_all_makes_one_subject_and_no_other_header(text):
    shown = one_line(text)

    back = read(letter(shown))

    assert sorted(back.keys()) == sorted(
        ["Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
    )
    assert back["subject"] == shown


@given(ALL_TEXT)
def test_no_line_of_a_header_is_longer_than_78(text):
    head = letter(one_line(text)).partition(b"\r\n\r\n")[0]

    assert max(map(len, head.split(b"\r\n"))) <= 78


@pytest.mark.parametrize("word", ["é ", "类 ", "ab ", "e\u0301 é "])
def test_no_blank_is_lost_where_a_subject_is_folded(word):
    shown = one_line(word * 60)

    assert read(letter(shown))["subject"] == shown


@pytest.mark.parametrize("letter_of_it", ["x", "类", "🜁", "=?"])
def test_a_long_text_is_cut_with_an_ellipsis(letter_of_it):
    shown = one_line(letter_of_it * 10_000)

    assert shown.endswith("…")
    assert len(shown.replace("= ?", "=?")) <= LONGEST


@pytest.mark.parametrize("name", ["Subject\n", "Sub ject", "", "Bcc:", "Süb"])
def test_a_name_of_a_header_is_letters_digits_and_hyphens(name):
    with pytest.raises(BadHeader):
        put(EmailMessage(), name, "x")


def test_a_letter_with_a_header_that_nobody_gave_it_does_not_leave():
    message = EmailMessage()
    message["Subject"] = "x"
    message["Bcc"] = "evil@x.example"

    with pytest.raises(BadHeader, match="other headers"):
        sealed(message, ("Subject",))
