"""Acknowledging over the api: one's own notices, with who and what is done."""

import pytest

from sealwatch.contracts.registry import SCOPES
from tests.integration.api import rows


@pytest.fixture(scope="module")
async def notice(doors):
    delivery = await rows.delivered(doors.watch, b"acknowledged", "centre")
    return await doors.watch.fetchval(
        "select notice_id from alerting.deliveries where delivery_id = $1", delivery
    )


async def test_a_delivery_and_a_notice_are_acknowledged_with_a_name_and_an_answer(doors, key):
    delivery = await rows.delivered(doors.watch, b"both", "centre")
    about = await doors.watch.fetchval(
        "select notice_id from alerting.deliveries where delivery_id = $1", delivery
    )

    said = {"name": "Li", "answer": "sampled"}
    first = await doors.ask("POST", f"/v1/deliveries/{delivery.hex()}/acknowledgements", key, json=said)
    second = await doors.ask("POST", f"/v1/notices/{about.hex()}/acknowledgements", key, json={})

    listed = await doors.ask("GET", f"/v1/notices/{about.hex()}/acknowledgements", key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["who"].startswith("Li (centre/source-")
    assert [one["via"] for one in listed.json()["items"]] == ["api", "api"]
    assert {one["answer"] for one in listed.json()["items"]} == {"sampled", ""}


async def test_the_same_words_twice_are_one_acknowledgement(doors, key, notice):
    path = f"/v1/notices/{notice.hex()}/acknowledgements"
    answers = [await doors.ask("POST", path, key, json={"answer": "twice"}) for _ in range(2)]

    listed = await doors.ask("GET", path, key)
    assert answers[0].json() == answers[1].json()
    assert len(listed.json()["items"]) == 1


@pytest.mark.parametrize("kind", ["deliveries", "notices"])
async def test_what_was_never_told_to_ones_organisation_cannot_be_acknowledged(doors, stranger, notice, kind):
    uid = notice if kind == "notices" else b"acknowledged".ljust(16, b"d")
    answer = await doors.ask("POST", f"/v1/{kind}/{uid.hex()}/acknowledgements", stranger, json={})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_key_that_only_reads_cannot_acknowledge(doors, notice):
    reader = await doors.key(scopes=[scope for scope in SCOPES if scope != "warnings:acknowledge"])
    answer = await doors.ask("POST", f"/v1/notices/{notice.hex()}/acknowledgements", reader, json={})

    assert answer.json()["code"] == "missing_scope"


@pytest.mark.usefixtures("notice")
async def test_an_acknowledgement_can_be_neither_changed_nor_taken_away(doors):
    for statement in (
        "update alerting.acknowledgements set who = 'x'",
        "delete from alerting.acknowledgements",
    ):
        with pytest.raises(Exception, match="append-only"):
            await doors.watch.execute(statement)
