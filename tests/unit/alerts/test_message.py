"""The words of a notice."""

import json

import pytest

from sealwatch.risk.policy import Coping, Level
from sealwatch.shell.policies import load_policy
from sealwatch_alerts.message import Nudge, Wording, headline, render
from tests.factories import level_change

STRATEGIES = load_policy(None).coping
TO_DO = STRATEGIES[Level.HIGH]


def test_a_message_says_what_changed_why_and_what_to_do():
    body = json.loads(render(level_change(), Wording("raised", "en", TO_DO)))

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
    wording = Wording("raised", "zh", TO_DO)

    assert render(level_change(), wording) == render(level_change(), wording)


def test_a_level_without_a_strategy_is_told_without_one():
    assert json.loads(render(level_change(), Wording("raised", "en", None)))["data"]["coping"] is None


def test_a_message_says_between_what_bounds_the_index_is_and_its_three_largest_shares():
    shares = [{"factor": name, "points": points} for name, points in zip("ABCD", (30, 20, 9, 1), strict=True)]
    change = level_change(index_p05=41.5, index_p95=72.25, shares=shares)

    data = json.loads(render(change, Wording("raised", "en", TO_DO)))["data"]

    assert data["interval"] == {"p05": 41.5, "p95": 72.25}
    assert data["shares"] == shares[:3]


def test_a_change_that_was_not_assessed_has_no_interval():
    data = json.loads(render(level_change(), Wording("raised", "en", TO_DO)))["data"]

    assert (data["interval"], data["shares"]) == (None, [])


def test_links_lead_to_the_api_as_readers_reach_it():
    wording = Wording("raised", "en", TO_DO, public_url="https://warnings.example/")

    links = json.loads(render(level_change(), wording))["data"]["links"]

    assert links["explanation"] == "https://warnings.example/v1/products/P1/explanation"
    assert set(links) == {"product", "explanation", "change", "acknowledge"}


def test_the_largest_strategy_is_told_whole():
    wordy = Coping(("x" * 200,) * 16, "o" * 200, "d" * 200, ("a" * 200,) * 16)
    change = level_change(product_id="P" * 64, category="类" * 300, enterprise_id="企" * 128)

    body = render(change, Wording("raised", "zh", wordy))

    assert len(body) < 20_000
    assert "cut" not in json.loads(body)["data"]


def test_beyond_20_kilobytes_the_texts_of_the_strategy_are_left_to_the_links():
    endless = Coping(("指" * 1_000,) * 16, "o", "at once", ())

    body = render(level_change(), Wording("raised", "zh", endless))

    data = json.loads(body)["data"]
    assert len(body) < 20_000
    assert (data["cut"], data["coping"]) == (["coping", "actions"], None)
    assert [bool(one["action_id"] and one["due_at"]) for one in data["actions"]] == [True] * 16


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

    data = json.loads(render(level_change(), Wording("raised", language, TO_DO, nudge)))["data"]

    assert data["headline"] == sentence
    assert (data["why"], data["unacknowledged"]) == (
        "escalated",
        {"office": "county", "step": 2, "now": {"risk_level": "serious", "colour": "red"}},
    )


def test_what_is_told_first_names_nobody():
    assert (
        json.loads(render(level_change(), Wording("raised", "en", TO_DO)))["data"]["unacknowledged"] is None
    )
