"""Letters of many changes, and the question to an address."""

# ruff: noqa: RUF001  # Chinese punctuation

from datetime import timedelta

import pytest

from sealwatch_alerts.mail.digest import Listed, Ways, digest_letter, question_letter
from tests.unit.alerts.mail.letters import AT, DELIVERY, PAPER, Parts, body, read, reader

SEEN, ALL, LEAVE = (
    f"https://watch.example/{name}" for name in ("mail/k.seen.b", "v1/decisions", "mail/k.leave.b")
)
MANY = [Listed(f"P{n % 3}", f"Label {n % 3}", n // 3 + 1, 1 + n // 3 % 2, 2 - n // 3 % 2) for n in range(7)]


def letter(language="en", of=MANY, leave=LEAVE):
    return digest_letter(of, reader(language), PAPER, (DELIVERY, AT), Ways(SEEN, ALL, leave))


@pytest.mark.parametrize(
    ("language", "leave", "subject"),
    [
        ("en", LEAVE, "[digest] level changes: 7, products: 3, highest: medium (yellow)"),
        ("zh", LEAVE, "【汇总】3个产品的7次等级变化，最高：中风险（黄色）"),
        ("en", None, "[medium (yellow)] and lower: 7 level changes of 3 products"),
        ("zh", None, "【中风险（黄色）及以下】3个产品共7次等级变化"),
    ],
)
def test_a_letter_of_many_counts_what_it_lists_and_names_the_highest_level(language, leave, subject):
    assert read(letter(language, leave=leave))["subject"] == subject


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_every_change_is_listed_as_a_step_of_its_product(kind):
    said = body(letter(), kind)

    assert "low → medium → low → medium (Change no.: 1-3)" in said
    assert said.count("low → medium → low (Change no.: 1-2)") == 2


def test_a_gap_between_two_changes_is_shown():
    said = body(letter(of=[Listed("P", None, 1, 1, 2), Listed("P", None, 4, 3, 1)]), "plain")

    assert "P: low → medium → … high → low (Change no.: 1-4)" in said


def test_the_product_with_the_gravest_change_comes_first():
    said = body(letter(of=[Listed("A", None, 1, 1, 2), Listed("B", None, 1, 1, 3)]), "plain")

    assert said.index("B: low → high") < said.index("A: low → medium")


def test_ten_thousand_changes_of_two_hundred_products_are_all_listed():
    storm = [
        Listed(f"P{n % 200}", "类" * 40, n // 200 + 1, 1 + n // 200 % 2, 2 - n // 200 % 2)
        for n in range(10_000)
    ]

    said = body(letter("zh", storm, None), "plain")

    assert said.count(" → ") == 10_000


def test_products_beyond_the_bound_are_counted():
    said = body(letter(of=[Listed(f"P{n}", None, 1, 1, 2) for n in range(502)]), "plain")

    assert "Products not listed here: 2." in said


def test_a_digest_can_be_unsubscribed_from_with_one_click():
    headers = read(letter())

    assert headers["list-unsubscribe"] == f"<{LEAVE}>"
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert headers["references"] is None


def test_what_a_storm_gathered_cannot():
    storm = letter(leave=None)

    assert read(storm)["list-unsubscribe"] is None
    assert set(Parts(body(storm, "html")).addresses) == {SEEN, ALL}


def test_a_question_names_who_asks_for_what_until_when():
    link = ("https://watch.example/mail/k.confirm.b", AT + timedelta(days=7))

    envelope = question_letter(
        "Centre\nBcc: e@x.example", reader(department="北京"), PAPER, (DELIVERY, AT), link
    )

    assert read(envelope)["subject"] == "Please confirm: risk warnings for 北京"
    assert read(envelope)["bcc"] is None
    assert "2026-11-27 12:00:00 UTC+08:00" in body(envelope, "plain")
    assert Parts(body(envelope, "html")).addresses == [link[0]]
