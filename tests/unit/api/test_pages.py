"""Pages that signed links lead to."""

import base64
import re
from hashlib import sha256

import pytest

from sealwatch.contracts.links import Purpose
from sealwatch_api.pages import HEADERS, Shown, asking, done, gone, language_of

NAME = '<script>alert("x")</script>{0}'
FACTS = {
    "product": NAME,
    "before": 1,
    "after": 4,
    "sequence": 2,
    "department": NAME,
    "address": "a@b.example",
}
EVERY = [(purpose, language) for purpose in Purpose for language in ("en", "zh")]


def page(purpose, language, **other):
    return asking(Shown(purpose, FACTS, **other), language)


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_a_page_has_one_button_that_posts_and_nothing_that_runs(purpose, language):
    shown = page(purpose, language)

    assert shown.count("<button>") == shown.count('<form method="post">') == 1
    assert "<script" not in shown
    assert "http" not in shown
    assert not re.search(r"\son\w+=", shown)


@pytest.mark.parametrize("purpose", [Purpose.ACKNOWLEDGE, Purpose.UNSUBSCRIBE, Purpose.CONFIRM])
def test_what_data_says_is_escaped(purpose):
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;{0}" in page(purpose, "en")


def test_only_an_acknowledgement_asks_for_a_name_and_an_answer():
    fields = [page(purpose, "en").count("<textarea") for purpose in Purpose]

    assert fields == [1, 0, 0]


def test_whoever_was_first_is_named():
    shown = page(Purpose.ACKNOWLEDGE, "en", already={"who": "<Li>", "at": "2026-03-01"})

    assert "Acknowledged by &lt;Li&gt; at 2026-03-01." in shown


def test_levels_are_in_the_language_of_the_reader():
    assert "低风险（蓝色） → 严重风险（红色）" in page(Purpose.ACKNOWLEDGE, "zh")  # noqa: RUF001  # Chinese punctuation


@pytest.mark.parametrize("shown", [gone("en"), done(Purpose.CONFIRM, "zh"), page(Purpose.CONFIRM, "en")])
def test_the_policy_of_the_page_allows_its_own_style_and_nothing_else(shown):
    style = re.search(r"<style>(.*?)</style>", shown, re.DOTALL)[1]
    allowed = base64.b64encode(sha256(style.encode()).digest()).decode()

    assert HEADERS["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{allowed}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert HEADERS["Referrer-Policy"] == "no-referrer"
    assert "style=" not in shown


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [("zh", "", "zh"), ("en", "zh-CN", "en"), (None, "zh-CN,en", "zh"), (None, "fr", "en"), ("xx", "", "en")],
)
def test_the_language_is_that_of_the_link_else_of_the_browser(asked, accepted, language):
    assert language_of(asked, accepted) == language
