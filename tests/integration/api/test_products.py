"""Facts go to the table and to the log in one transaction; risk is read back with its bounds."""

import asyncio

import pytest

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.contracts.log import decode
from tests.integration.api import rows

FACTS = {"name": "Label", "category": "labels", "severity_class": 3, "region": "110000"}
EVIDENCE = "sealwatch.evidence.v1"


async def told(doors, product_id):
    return [row for row in await doors.outbox(EVIDENCE) if row["key"] == product_id.encode()]


async def test_first_facts_are_created_and_told_to_the_log(doors, key):
    answer = await doors.ask("PUT", "/v1/products/NEW", key, json=FACTS)

    uid = derived_uid("product.described", "NEW", "1").hex()
    assert (answer.status_code, answer.json()["facts_revision"], answer.json()["uid"]) == (201, 1, uid)
    assert len(await told(doors, "NEW")) == 1


async def test_what_the_log_is_told_is_what_the_scorer_reads(doors, key):
    await doors.ask("PUT", "/v1/products/READ", key, json=FACTS)

    [row] = await told(doors, "READ")
    headers = unpacked_headers(row["headers"])
    event = decode(Received(EVIDENCE, 0, 0, 0, row["key"], row["value"], headers))

    assert (event.body.facts.category, event.body.facts_revision) == ("labels", 1)
    assert event.organisation == "centre"


async def test_the_same_facts_again_are_no_revision_and_no_event(doors, key):
    await doors.ask("PUT", "/v1/products/SAME", key, json=FACTS)

    answer = await doors.ask("PUT", "/v1/products/SAME", key, json=FACTS)

    assert (answer.status_code, answer.json()["facts_revision"]) == (200, 1)
    assert len(await told(doors, "SAME")) == 1


async def test_other_facts_are_the_next_revision_and_both_are_kept(doors, key):
    await doors.ask("PUT", "/v1/products/NEXT", key, json=FACTS)

    answer = await doors.ask("PUT", "/v1/products/NEXT", key, json=FACTS | {"severity_class": 4})

    kept = await doors.watch.fetchval("select count(*) from registry.product_facts where product_id = 'NEXT'")
    assert (answer.status_code, answer.json()["facts_revision"]) == (200, 2)
    assert (kept, len(await told(doors, "NEXT"))) == (2, 2)


async def test_a_class_left_out_is_recorded_as_the_policy_lists_it_and_told_to_the_log(doors, key):
    facts = {"name": "Label", "category": "medicines"}

    first = await doors.ask("PUT", "/v1/products/LISTED", key, json=facts)
    again = await doors.ask("PUT", "/v1/products/LISTED", key, json=facts)

    [event] = await told(doors, "LISTED")
    shown = (await doors.ask("GET", "/v1/products/LISTED", key)).json()["facts"]
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["facts"]["severity_class"], first.json()["flags"]) == (4, ["severity_from_policy"])
    assert b'"severity_class":4' in event["value"]
    assert shown["severity_class"] == 4


async def test_a_class_that_is_given_wins_and_the_answer_says_that_the_policy_has_another(doors, key):
    facts = {"name": "Label", "category": "medicines", "severity_class": 2}

    said = (await doors.ask("PUT", "/v1/products/GIVEN", key, json=facts)).json()

    assert (said["facts"]["severity_class"], said["listed_severity_class"]) == (2, 4)
    assert said["flags"] == ["severity_differs"]


async def test_a_category_that_no_policy_lists_needs_its_class_given(doors, key):
    refused = await doors.ask("PUT", "/v1/products/TEA", key, json={"name": "Label", "category": "tea"})

    said = refused.json()
    assert (refused.status_code, said["code"]) == (422, "severity_class_needed")
    assert said["errors"][0]["pointer"] == "/severity_class"
    assert (await doors.ask("GET", "/v1/products/TEA", key)).status_code == 404


async def test_revisions_written_at_once_come_one_after_another(doors, key):
    puts = [
        doors.ask("PUT", "/v1/products/RACE", key, json=FACTS | {"name": f"Label {n}"}) for n in range(12)
    ]

    answers = await asyncio.gather(*puts)

    events = await told(doors, "RACE")
    assert sorted(answer.json()["facts_revision"] for answer in answers) == list(range(1, 13))
    assert [f'"facts_revision":{n}' in row["value"].decode() for n, row in enumerate(events, 1)] == [
        True
    ] * 12


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ('{"name": "a", "name": "b", "category": "c", "severity_class": 1}', 400, "duplicate_key"),
        ('{"name": "a", "category": "c", "severity_class": NaN}', 400, "non_finite"),
        ('{"name": "a", "category": "c", "severity_class": "3"}', 422, "invalid_field"),
        ('{"name": "a", "category": "c", "severity_class": 3, "level": "low"}', 422, "invalid_field"),
        ("", 400, "empty_body"),
        ("[]", 422, "not_an_object"),
    ],
)
async def test_a_body_that_is_not_strict_is_refused(doors, key, sent, status, code):
    headers = {"content-type": "application/json"}

    answer = await doors.ask("PUT", "/v1/products/BAD", key, content=sent, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_recorded_product_without_evidence_is_not_assessed(doors, key):
    await doors.ask("PUT", "/v1/products/SILENT", key, json=FACTS)

    seen = (await doors.ask("GET", "/v1/products/SILENT", key)).json()

    assert (seen["state"], seen["risk_level"], seen["colour"], seen["index"]) == (
        "not_assessed", "not_assessed", "grey", None,
    )  # fmt: skip
    assert (seen["facts"]["name"], seen["factors"], seen["history"]) == ("Label", [], [])


async def test_a_product_that_nobody_described_shows_its_risk_and_says_so(doors, key):
    await rows.assessed(doors.watch, "UNKNOWN")
    await rows.changed(doors.watch, "UNKNOWN", 1)

    seen = (await doors.ask("GET", "/v1/products/UNKNOWN", key)).json()

    assert (seen["facts"], seen["facts_known"], seen["risk_level"], seen["colour"]) == (
        None, False, "high", "orange",
    )  # fmt: skip
    assert seen["index_p05"] <= seen["index_p50"] <= seen["index_p95"]
    assert [row["factor"] for row in seen["factors"] if row["enters"]] == ["COPY"]
    assert [change["after"] for change in seen["history"]] == ["high"]


async def test_an_assessment_under_another_policy_is_shown_without_bounds(doors, key):
    await rows.assessed(doors.watch, "OTHER-POLICY", policy_version="of tomorrow")

    seen = (await doors.ask("GET", "/v1/products/OTHER-POLICY", key)).json()

    assert (seen["index"], seen["index_p95"], seen["factors"]) == (70.5, None, None)


async def test_pages_hold_every_product_of_a_filter_once(doors, key):
    for n in range(7):
        await doors.ask("PUT", f"/v1/products/PAGE-{n}", key, json=FACTS | {"category": "paged"})
    await rows.assessed(doors.watch, "PAGE-3")

    first = (await doors.ask("GET", "/v1/products?category=paged&limit=4", key)).json()
    cursor = first["next_cursor"]
    second = (await doors.ask("GET", f"/v1/products?category=paged&limit=4&cursor={cursor}", key)).json()

    found = [item["product_id"] for item in first["items"] + second["items"]]
    assert (found, second["next_cursor"]) == ([f"PAGE-{n}" for n in range(7)], None)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("risk_level=serious", ["F-2"]),
        ("risk_level=not_assessed", ["F-1", "F-3"]),
        ("region=31", ["F-1"]),
        ("enterprise_id=E9", ["F-3"]),
    ],
)
async def test_filters_narrow_the_list(doors, key, asked, found):
    facts = FACTS | {"category": "filtered"}
    await doors.ask("PUT", "/v1/products/F-1", key, json=facts | {"region": "310000"})
    await doors.ask("PUT", "/v1/products/F-2", key, json=facts)
    await doors.ask("PUT", "/v1/products/F-3", key, json=facts | {"enterprise_id": "E9"})
    await doors.watch.execute("delete from scoring.product_state where product_id = 'F-2'")
    await rows.assessed(doors.watch, "F-2", level=4)

    page = (await doors.ask("GET", f"/v1/products?category=filtered&{asked}", key)).json()

    assert [item["product_id"] for item in page["items"]] == found


async def test_level_changes_come_newest_first_page_by_page(doors, key):
    for n in range(1, 4):
        await rows.changed(doors.watch, "CHANGES", n)
    path = "/v1/level-changes?product_id=CHANGES&limit=2"

    first = (await doors.ask("GET", path, key)).json()
    second = (await doors.ask("GET", f"{path}&cursor={first['next_cursor']}", key)).json()

    assert [item["sequence"] for item in first["items"] + second["items"]] == [3, 2, 1]


@pytest.mark.parametrize(
    "asked", ["limit=1000000", "limit=-1", "limit=0", "sort=password", "cursor=abc", "risk_level=worst"]
)
async def test_what_a_list_does_not_offer_is_refused_without_an_echo(doors, key, asked):
    answer = await doors.ask("GET", f"/v1/products?{asked}", key)

    assert answer.status_code == 422
    assert asked.partition("=")[2] not in answer.text
