"""A named person's word covers the model's level for a time, through the log that scoring reads."""

import asyncio
import json
from datetime import timedelta

import pytest

from sealwatch_scorer.indices import publish_once
from tests.factories import inspection
from tests.integration.api.doors import NOON, POLICY

DAY = timedelta(days=1)


def word(**parts):
    return {"level": "serious", "reason": "goods were seized", "expires_at": "2026-03-03T00:00:00Z"} | parts


async def seen(log, product_id, *, failed=False):
    log.add(inspection(product_id, f"{product_id}-1", failed=failed, sampled_at=NOON), NOON)
    await log.score()


async def product(doors, key, product_id):
    return (await doors.ask("GET", f"/v1/products/{product_id}", key)).json()


async def changes(doors, key, product_id):
    found = await doors.ask("GET", f"/v1/level-changes?product_id={product_id}", key)
    items = sorted(found.json()["items"], key=lambda one: one["sequence"])
    return [(one["reason"], one["before"], one["after"], one["model_level"]) for one in items]


async def test_a_word_is_in_force_once_it_was_scored_and_the_model_goes_on_beneath(doors, key, log):
    await seen(log, "OVER")

    answer = await log.override("OVER", key)
    found = await product(doors, key, "OVER")

    said = answer.json()
    assert (answer.status_code, said["revision"], said["before"]) == (201, 1, "medium")
    assert (found["risk_level"], found["colour"], found["model_level"]) == ("serious", "red", "medium")
    assert found["override"] == {
        "revision": 1, "level": "serious", "expires_at": "2026-03-03T12:00:00Z", "in_force": True,
        "reason": "goods were seized", "recorded_at": "2026-03-01T12:00:00Z",
        "recorded_by": said["recorded_by"], "uid": said["uid"],
    }  # fmt: skip
    assert (await changes(doors, key, "OVER"))[-1] == ("overridden", "medium", "serious", "medium")


async def test_a_word_is_an_event_with_a_receipt(doors, key, log):
    await seen(log, "RECEIPT")

    said = (await log.override("RECEIPT", key)).json()
    receipt = await doors.ask("GET", f"/v1/receipts/{said['uid']}", key)

    assert (receipt.status_code, receipt.json()["outcome"]) == (200, "scored")


async def test_a_product_is_listed_under_the_level_in_force(doors, key, log):
    await seen(log, "LISTED")
    await log.override("LISTED", key)

    serious = (await doors.ask("GET", "/v1/products?risk_level=serious", key)).json()["items"]
    medium = (await doors.ask("GET", "/v1/products?risk_level=medium", key)).json()["items"]

    assert "LISTED" in [one["product_id"] for one in serious]
    assert "LISTED" not in [one["product_id"] for one in medium]


async def test_what_the_model_finds_beneath_is_told_when_the_word_is_taken_back(doors, key, log):
    await seen(log, "BACK")
    await log.override("BACK", key, level="low")
    log.add(inspection("BACK", "bad", failed=True) | {"items": [dict(COUNTED)]}, NOON)
    await log.score()
    covered = await product(doors, key, "BACK")

    ended = await doors.ask("DELETE", "/v1/products/BACK/override", key)
    await log.relay(NOON)
    await log.score()

    assert (covered["risk_level"], covered["model_level"], ended.status_code) == ("low", "serious", 204)
    assert (await product(doors, key, "BACK"))["override"] is None
    assert (await changes(doors, key, "BACK"))[1:] == [
        ("overridden", "medium", "low", "medium"),
        ("override_ended", "low", "serious", "serious"),
    ]


COUNTED = {"indicator": "copies", "factor": "COPY", "verdict": "fail", "failures": 60, "trials": 60}


async def test_an_explanation_shows_the_word_beside_the_model(doors, key, log):
    await seen(log, "WHY")
    await log.override("WHY", key)

    now = (await doors.ask("GET", "/v1/products/WHY/explanation", key)).json()
    then = (await doors.ask("GET", "/v1/products/WHY/explanation?as_of=2026-03-01T12:00:00Z", key)).json()

    assert (now["risk_level"], now["model_level"]) == ("serious", "medium")
    assert then == now | {"as_of": then["as_of"]}


async def test_every_word_is_kept_with_who_said_it_and_what_was_in_force(doors, key, log):
    await seen(log, "HISTORY")
    await log.override("HISTORY", key)
    await log.override("HISTORY", key, level="high")
    await doors.ask("DELETE", "/v1/products/HISTORY/override", key)

    items = (await doors.ask("GET", "/v1/products/HISTORY/overrides", key)).json()["items"]

    said = [(one["revision"], one["level"], one["before"]) for one in items]
    assert said == [(3, None, "high"), (2, "high", "serious"), (1, "serious", "medium")]
    assert {one["recorded_by"].split("/")[0] for one in items} == {"centre"}


@pytest.mark.parametrize("statement", ["update registry.level_overrides set reason = 'x'",
                                       "delete from registry.level_overrides",
                                       "truncate registry.level_overrides"])  # fmt: skip
async def test_what_was_said_can_not_be_changed(doors, key, log, statement):
    await seen(log, f"KEPT-{statement[:6]}")
    await log.override(f"KEPT-{statement[:6]}", key)

    with pytest.raises(Exception, match="append-only"):
        await doors.watch.execute(statement)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"expires_at": "2026-03-01T12:00:00Z"}, "expires_out_of_range"),
        ({"expires_at": "2027-03-03T12:00:00Z"}, "expires_out_of_range"),
        ({"expires_at": "2026-03-03"}, "bad_timestamp"),
        ({"reason": " "}, "invalid_field"),
        ({"level": "not_assessed"}, "invalid_field"),
    ],
)  # fmt: skip
async def test_a_word_that_says_too_little_or_lasts_too_long_is_refused(doors, key, log, parts, code):
    await seen(log, "REFUSED")

    answer = await doors.ask("POST", "/v1/products/REFUSED/override", key, json=word(**parts))

    problem = answer.json()
    assert answer.status_code == 422
    assert code in {problem["code"], *[error["code"] for error in problem.get("errors", [])]}


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_product_nobody_knows_is_not_overridden(doors, key, method):
    more = {"json": word()} if method == "POST" else {}

    assert (await doors.ask(method, "/v1/products/NOBODY/override", key, **more)).status_code == 404


async def test_a_word_that_is_not_in_force_is_not_taken_back(doors, key, log):
    await seen(log, "NOTHING")

    assert (await doors.ask("DELETE", "/v1/products/NOTHING/override", key)).status_code == 404


async def test_words_that_come_at_once_are_kept_and_told_one_after_another(doors, key, log):
    await seen(log, "RACE")
    posts = [doors.ask("POST", "/v1/products/RACE/override", key, json=word()) for _ in range(8)]

    answers = await asyncio.gather(*posts)

    told = await doors.outbox("sealwatch.evidence.v1")
    revisions = [json.loads(row["value"])["revision"] for row in told if row["key"] == b"RACE"]
    assert [answer.status_code for answer in answers] == [201] * 8
    assert revisions == list(range(1, 9))


async def test_the_published_assessment_says_what_covers_the_model(key, log):
    await seen(log, "TOLD")
    await log.override("TOLD", key)
    told = []

    async def note(records):
        told.extend(json.loads(record.value) for record in records)

    async def named(_version):
        return POLICY

    await publish_once(log.engine, named, note, [0])

    [one] = [one for one in told if one["product_id"] == "TOLD"]
    assert (one["risk_level"], one["model_level"], one["facts_known"]) == ("serious", "medium", False)
    assert (one["override_until"], one["stale"], one["floors"]) == ("2026-03-03T12:00:00+00:00", False, [])


async def test_an_expired_word_is_gone_at_the_sweep_after_its_end_and_never_sooner(doors, key, log):
    await seen(log, "ENDS")  # the last test: it moves the log on for good
    await log.override("ENDS", key, days=2)

    await log.score(NOON + 2 * DAY)
    before = await product(doors, key, "ENDS")
    await log.score(NOON + 3 * DAY)
    after = await product(doors, key, "ENDS")

    assert (before["override"]["level"], after["override"], after["risk_level"]) == (
        "serious",
        None,
        "medium",
    )
    assert (await changes(doors, key, "ENDS"))[-1] == ("override_ended", "serious", "medium", "medium")
