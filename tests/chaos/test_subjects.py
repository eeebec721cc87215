"""Subjects made of everything that ever broke a header: one subject, no other header."""

import os
import random
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage

from sealwatch_alerts.mail.headers import one_line, put, sealed
from sealwatch_alerts.mail.letter import subject_of
from tests.unit.alerts.mail.letters import told

SUBJECTS = int(os.environ.get("CHAOS_SUBJECTS", "1000"))
ENCODED = "=?utf-8?q?a=0ABcc:_evil@x.example?="
CONTROLS = ["\r\n", "\n", "\r", "\x00", "\x0b", "\x0c", "\x85", "\t"]
MARKS = ["\u2028", "\u2029", "\u202e", "\u200b", "\ud800", "\ufeff"]
WORDS = ["=?", "?=", "=", "?", "utf-8", "?q?", "?b?", "=0A", "YQpCY2M6", ENCODED]
FIELDS = ["Bcc: evil@x.example", "Subject:", ": ", "<", ">", "@", ",", ";", '"', "(", ")", "\\", "{}", "%s"]
LETTERS = [" ", "  ", "a", "Z9", "类", "標", "🜁", "é", "e\u0301"]
PIECES = [*CONTROLS, *MARKS, *WORDS, *FIELDS, *LETTERS]
HEADERS = ["Content-Transfer-Encoding", "Content-Type", "MIME-Version", "Subject", "To"]


def letter(subject):
    """Return a letter as short as it can be: only its headers matter here."""
    message = EmailMessage()
    message.set_content("x", cte="base64")
    put(message, "To", "duty@dep.example")
    put(message, "Subject", subject)
    return sealed(message, HEADERS)


def names():
    draw = random.Random(20261125)  # noqa: S311  # the same subjects every time
    for _ in range(SUBJECTS):
        yield "".join(draw.choices(PIECES, k=draw.randint(1, 40)))


def broken(name):
    """Return what is wrong with the letter about a product of this name."""
    subject = one_line(subject_of(told(name=name), "zh"))
    raw = letter(subject)
    back = message_from_bytes(raw, policy=policy.default)
    long = max(map(len, raw.split(b"\r\n"))) > 78
    whole = back["subject"] == subject and subject.endswith("专项监测") and back["to"] == "duty@dep.example"
    return None if sorted(back.keys()) == HEADERS and not long and whole else (name, back.keys())


def test_no_name_of_a_product_makes_another_header():
    wrong = [found for found in map(broken, names()) if found]

    print(f"{SUBJECTS} subjects, {len(wrong)} broken")  # noqa: T201  # the figure that is asked for
    assert wrong == []


def carried(subject):
    """Return whether the library alone carries a subject as what it is."""
    message = EmailMessage()
    message["Subject"] = subject
    try:
        return b"\nBcc:" not in message.as_bytes()
    except MessageError:
        return False


def test_without_our_filter_the_library_makes_one_or_gives_up():
    assert not carried(ENCODED)
