"""A level change as a letter, parsed back by the standard library."""

from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_alerts.mail.letter import message_id, thread_of
from tests.unit.alerts.mail.letters import DELIVERY, LINKS, Parts, body, letter, read, told

NAMES = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"]
NAMES += ["Content-Language", "In-Reply-To", "References", "MIME-Version", "Content-Type"]
HOSTILE = (
    "x\r\nBcc: evil@x.example <script>alert(1)</script> =?utf-8?q?a=0ABcc:_e@x.example?= \u202e"
    + "y" * 10_000
)


@pytest.mark.parametrize(
    ("language", "reason", "levels", "subject"),
    [
        ("en", "raised", ("low", "high"), "[high (orange)] Label A (P1): special monitoring"),
        ("en", "lowered", ("high", "low"), "[low (blue)] Label A (P1): all-clear, routine monitoring"),
        ("en", "withdrawn", ("high", "not_assessed"),
         "[not assessed] Label A (P1): warning withdrawn, obtain evidence"),
        ("zh", "raised", ("low", "serious"), "【严重风险（红色）】Label A (P1)：上报总局"),  # noqa: RUF001  # Chinese punctuation
        ("zh", "lowered", ("high", "low"), "【低风险（蓝色）】Label A (P1)：预警解除，日常监测"),  # noqa: RUF001  # the same
    ],
)  # fmt: skip
def test_a_subject_says_level_product_and_action(language, reason, levels, subject):
    before, after = levels

    assert read(letter(language, told(reason=reason, before=before, after=after)))["subject"] == subject


def test_a_letter_has_the_headers_of_a_machine_and_no_way_to_unsubscribe():
    headers = read(letter())

    assert sorted(headers.keys()) == sorted(NAMES)
    assert headers["auto-submitted"] == "auto-generated"
    assert headers["list-unsubscribe"] is None
    assert headers["to"].addresses[0].addr_spec == "duty@dep.example"


def test_the_top_level_is_marked_as_important():
    assert read(letter(of=told(after="serious")))["importance"] == "high"


def test_every_attempt_sends_the_same_bytes():
    first, again = letter("zh"), letter("zh")

    assert first == again
    assert read(first)["message-id"] == first.message_id == f"<{DELIVERY.hex()}@centre.example>"


def test_letters_about_a_product_to_an_address_are_one_thread():
    one, other = (read(letter(of=told(sequence=n))) for n in (1, 2))

    assert one["references"] == other["references"] == thread_of("duty@dep.example", "P1", "centre.example")
    assert one["references"] != thread_of("duty@dep.example", "P2", "centre.example")
    assert one["in-reply-to"] == one["references"] != message_id(DELIVERY, "centre.example")


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["low (blue)", "high (orange)", "60.0, likely 55.2 to 66.0", "anti-copying", "40.0 points",
                "counterfeits on the market", "public opinion", "spot check", "7 days",
                "supervision department concerned", "2026-03-01 20:00:00", "110105", *LINKS]),
        ("zh", ["低风险（蓝色）", "高风险（橙色）", "60.0，可能范围55.2至66.0", "防复制性", "40.0分",  # noqa: RUF001  # Chinese punctuation
                "市场假冒情况", "舆情", "监督抽查", "7日内", "相关监管部门", "确认收到本预警", *LINKS]),
    ],
)  # fmt: skip
def test_a_body_tells_levels_index_interval_shares_actions_and_links(kind, language, words):
    said = body(letter(language), kind)

    assert [word for word in words if word not in said] == []
    assert "general quality" not in said  # the fourth largest share


def test_a_change_without_interval_and_shares_is_told_without_them():
    said = body(letter(of=told(index_p05=None, shares=())), "plain")

    assert "Risk index (0 to 100): 60.0\n" in said
    assert "Largest shares" not in said


def test_a_product_without_an_index_says_that_it_is_not_known():
    assert "Risk index (0 to 100): not known" in body(letter(of=told(index=None)), "plain")


def test_a_page_fetches_nothing_and_runs_nothing():
    page = Parts(body(letter("zh", told(name=HOSTILE)), "html"))

    assert page.tags <= {"html", "head", "meta", "title", "body", "table", "tr", "td", "p", "a"}
    assert set(page.addresses) == set(LINKS)
    assert [name for name, value in page.attributes if name.startswith("on") or "url(" in (value or "")] == []


def test_a_hostile_name_of_a_product_stays_a_name():
    envelope = letter(of=told(name=HOSTILE))

    back = read(envelope)

    assert sorted(back.keys()) == sorted(NAMES)
    assert "<script>" not in body(envelope, "html")
    assert "x Bcc: evil@x.example <script>" in body(envelope, "plain")
    assert len(back["subject"]) <= 200
    assert back["subject"].endswith(": special monitoring")


def test_a_hostile_department_and_policy_change_no_header():
    assert sorted(read(letter(department=HOSTILE)).keys()) == sorted(NAMES)


@given(st.text(st.characters(exclude_categories=()), max_size=200), st.sampled_from(["en", "zh"]))
def test_any_name_makes_one_letter_with_the_expected_headers_and_no_long_line(name, language):
    envelope = letter(language, told(name=name))

    back = BytesParser(policy=policy.default).parsebytes(envelope.content)

    assert sorted(back.keys()) == sorted(NAMES)
    assert back.defects == []
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 78
