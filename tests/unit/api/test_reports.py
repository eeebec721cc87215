"""Reports of mail servers that a letter did not arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_api.reports import Bounce, bounce_of

LETTER = bytes(range(16))
HEX = LETTER.hex()
REPORT = """\
From: MAILER-DAEMON@mail.example
To: bounces@centre.example
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Sorry.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
{envelope}
Final-Recipient: rfc822; duty@dep.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such
 user

--B
Content-Type: text/rfc822-headers

Subject: x
Message-ID: <{letter}@centre.example>

--B--
"""


def report(*, envelope="", action="failed", status="5.1.1", letter=HEX):
    return REPORT.format(envelope=envelope, action=action, status=status, letter=letter).encode()


def test_a_failure_names_the_letter_and_why():
    assert bounce_of(report()) == Bounce(LETTER, hard=True, detail="5.1.1 smtp; 550 no such user")


def test_the_envelope_id_names_the_letter_where_its_headers_were_not_returned():
    raw = report(envelope=f"Original-Envelope-Id: {HEX}\n", letter="other")

    assert bounce_of(raw).letter == LETTER


@pytest.mark.parametrize(
    ("status", "hard"), [("5.2.2", False), ("5.7.1", False), ("4.4.1", False), ("5.0.0", True)]
)
def test_a_failure_that_is_not_about_the_address_is_not_hard(status, hard):
    assert bounce_of(report(status=status)).hard is hard


@pytest.mark.parametrize(
    "raw",
    [
        report(action="delayed"),
        report(action="delivered"),
        report(letter="not-ours"),
        report(status="none"),
        b"From: a@b.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away.\n",
        b"Content-Type: multipart/report\n\nno parts\n",
        b"",
    ],
)
def test_anything_else_is_no_bounce(raw):
    assert bounce_of(raw) is None


@given(st.binary(max_size=600))
def test_no_bytes_break_the_reader(raw):
    assert bounce_of(raw) is None


@given(st.data())
def test_no_damaged_report_breaks_the_reader(data):
    raw = bytearray(report())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))

    found = bounce_of(bytes(raw))

    assert found is None or len(found.letter) == 16
