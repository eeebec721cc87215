"""The words of a notice."""

import json

import pytest

from sealwatch.risk.policy import Coping, Level
from sealwatch.shell.policies import load_policy
from sealwatch_alerts.message import Nudge, headline, render
from tests.factories import level_change

STRATEGIES = load_policy(None).coping
TO_DO = STRATEGIES[Level.HIGH]


def test_a_message_says_what_changed_why_and_what_to_do():
    body = json.loads(render(level_change(), "raised", "en", TO_DO))

    assert body["type"] == "level.changed"
    assert body["data"]["before"] == {"risk_level": "low", "colour": "blue"}
    assert body["data"]["after"] == {"risk_level": "high", "colour": "orange"}
    assert body["data"]["coping"]["deadline"] == "7 days"
    assert body["data"]["sequence"] == 1


@pytest.mark.parametrize(
    ("reason", "language", "sentence"),
    [
        ("raised", "en", "Warning: product P1 is now high (orange), was low (blue)"),
        ("raised", "zh", "预警：产品P1由低风险（蓝色）升至高风险（橙色）"),  # noqa: RUF001  # Chinese punctuation
        ("lowered", "en", "All-clear: product P1 fell from low (blue) to high (orange)"),
    ],
)
def test_the_headline_is_in_the_language_of_the_reader(reason, language, sentence):
    assert headline(level_change(), reason, language) == sentence


def test_every_attempt_sends_the_same_bytes():
    assert render(level_change(), "raised", "zh", TO_DO) == render(level_change(), "raised", "zh", TO_DO)


def test_a_level_without_a_strategy_is_told_without_one():
    assert json.loads(render(level_change(), "raised", "en", None))["data"]["coping"] is None


def test_the_largest_message_stays_under_20_kilobytes():
    wordy = Coping(("x" * 200,) * 16, "o" * 200, "d" * 200, ("a" * 200,) * 16)
    change = level_change(product_id="P" * 64, category="类" * 300, enterprise_id="企" * 128)

    assert len(render(change, "raised", "zh", wordy)) < 20_000


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            (
                "Not acknowledged by county; now serious (red). "
                "Warning: product P1 is now high (orange), was low (blue)"
            ),
        ),
        ("zh", "county尚未确认；目前严重风险（红色）。预警：产品P1由低风险（蓝色）升至高风险（橙色）"),  # noqa: RUF001  # Chinese punctuation
    ],
)
def test_what_is_told_once_more_says_who_did_not_acknowledge(language, sentence):
    nudge = Nudge("escalated", "county", 2, Level.SERIOUS)

    data = json.loads(render(level_change(), "raised", language, TO_DO, nudge))["data"]

    assert data["headline"] == sentence
    assert (data["why"], data["unacknowledged"]) == (
        "escalated",
        {"office": "county", "step": 2, "now": {"risk_level": "serious", "colour": "red"}},
    )


def test_what_is_told_first_names_nobody():
    assert json.loads(render(level_change(), "raised", "en", TO_DO))["data"]["unacknowledged"] is None
