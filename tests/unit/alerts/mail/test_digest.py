"""The digest, and the question to an address."""

from datetime import timedelta

import pytest

from sealwatch_alerts.mail.digest import digest_letter, question_letter
from tests.unit.alerts.mail.letters import AT, DELIVERY, PAPER, Parts, body, read, reader, told

LEAVE = "https://watch.example/mail/k.leave.b"
MANY = [told(product_id=f"P{n % 3}", sequence=n + 1, before="low", after="medium") for n in range(7)]


def digest(language="en", of=MANY):
    return digest_letter(of, reader(language), PAPER, (DELIVERY, AT), LEAVE)


@pytest.mark.parametrize(
    ("language", "of", "subject"),
    [
        ("en", MANY, "[digest] 7 level changes of 3 products"),
        ("zh", MANY, "【汇总】3个产品的7次等级变化"),
        ("en", MANY[:1], "[digest] one level change of one product"),
    ],
)
def test_a_digest_counts_what_it_lists(language, of, subject):
    assert read(digest(language, of))["subject"] == subject


def test_a_digest_lists_every_change_newest_first_under_its_product():
    said = body(digest(), "plain")

    assert said.count("low (blue) → medium (yellow)") == 7
    assert said.index("(P0)") < said.index("(P1)") < said.index("(P2)")


def test_only_a_digest_can_be_unsubscribed_from_with_one_click():
    headers = read(digest())

    assert headers["list-unsubscribe"] == f"<{LEAVE}>"
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert headers["references"] is None


def test_a_question_names_who_asks_for_what_until_when():
    link = ("https://watch.example/mail/k.confirm.b", AT + timedelta(days=7))

    envelope = question_letter(
        "Centre\nBcc: e@x.example", reader(department="北京"), PAPER, (DELIVERY, AT), link
    )

    assert read(envelope)["subject"] == "Please confirm: risk warnings for 北京"
    assert read(envelope)["bcc"] is None
    assert "2026-11-27 12:00:00 UTC+08:00" in body(envelope, "plain")
    assert Parts(body(envelope, "html")).addresses == [link[0]]
