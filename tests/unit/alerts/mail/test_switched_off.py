"""The letter to whoever looks after endpoints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_alerts.mail.switched_off import MOST_ENDPOINTS, SwitchedOff, switched_off_letter
from tests.unit.alerts.mail.letters import AT, DELIVERY, PAPER, body, read

NAMES = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"]
NAMES += ["Content-Language", "MIME-Version", "Content-Type"]
GONE = "status 410: the endpoint is gone"
FAILED = "every attempt failed for 120 hours"


def endpoint(number=1, department="Labels", reason=FAILED, url="https://hooks.dep.example/in?key=s3cret"):
    return SwitchedOff(f"{number:032x}", department, url, reason, AT)


def letter(*endpoints, language="en"):
    return switched_off_letter(
        endpoints or (endpoint(),), "duty@dep.example", language, PAPER, (DELIVERY, AT)
    )


@pytest.mark.parametrize(
    ("language", "reason", "subject", "why"),
    [
        ("en", FAILED, "Endpoint switched off: Labels", "Why: every attempt failed for 120 hours"),
        ("zh", FAILED, "预警接收端已停用：Labels", "原因：连续120小时全部发送失败"),  # noqa: RUF001  # Chinese punctuation
        ("zh", GONE, "预警接收端已停用：Labels", "原因：接收端答复已不存在（状态码410）"),  # noqa: RUF001  # the same
        ("en", "something new", "Endpoint switched off: Labels", "Why: something new"),
    ],
)  # fmt: skip
def test_it_says_which_endpoint_and_why(language, reason, subject, why):
    made = letter(endpoint(reason=reason), language=language)

    assert read(made)["subject"] == subject
    assert why in body(made, "plain")
    assert f"{1:032x}" in body(made, "plain")


def test_it_says_how_to_mend_it_in_both_languages():
    said = [body(letter(language=language), "plain") for language in ("en", "zh")]

    assert ["POST /v1/subscriptions/{id}/enable" in one for one in said] == [True, True]


def test_of_an_address_only_the_host_is_told_since_the_rest_may_be_a_secret():
    made = letter()

    assert "hooks.dep.example" in body(made, "plain")
    assert "s3cret" not in body(made, "plain") + body(made, "html")


def test_many_endpoints_are_one_letter_that_stays_short():
    made = letter(*(endpoint(number) for number in range(MOST_ENDPOINTS + 5)))

    assert read(made)["subject"] == f"Endpoints switched off: {MOST_ENDPOINTS + 5}"
    assert body(made, "plain").count("Why: ") == MOST_ENDPOINTS
    assert "Endpoints not listed here: 5." in body(made, "plain")


def test_every_attempt_sends_the_same_bytes():
    assert letter() == letter()


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_no_text_of_a_department_or_a_reason_reaches_a_header(text):
    said = read(letter(endpoint(department=text or "x", reason=text)))

    assert sorted(said.keys()) == sorted(NAMES)
