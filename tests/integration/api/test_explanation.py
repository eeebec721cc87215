"""Explanations over a real scorer's tables: now, as of any instant, and of a level change."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.factories import description, inspection, retraction
from tests.integration.api import rows
from tests.integration.api.doors import NOON

DAY = timedelta(days=1)
STANDARD = {"code": "GB 1", "edition": "2025", "clause": "5", "rank": "compulsory_national"}


def lot(number, *, failed=False, days=0, **item):
    body = inspection("EX", f"lot-{number}", failed=failed, sampled_at=NOON - days * DAY)
    body["items"][0] |= item
    return body


@pytest.fixture(scope="module", autouse=True)
async def scored(log):
    """Twelve lots, one failed, on the fifth day one of them taken back, on the sixth the facts."""
    for number in range(12):
        log.add(lot(number, failed=number == 7, days=12 - number), NOON - 8 * DAY + number * DAY / 6)
    log.add(retraction("EX", "back-7", of="lot-7"), NOON - 4 * DAY)
    log.add(description("EX", severity_class=4), NOON - 3 * DAY)
    log.add(lot(20, failed=True, standard=STANDARD), NOON - 2 * DAY)
    await log.score()


async def explained(doors, key, product_id="EX", as_of=None):
    when = f"?as_of={quote(as_of.isoformat())}" if as_of else ""
    answer = await doors.ask("GET", f"/v1/products/{product_id}/explanation{when}", key)
    return answer.status_code, answer.json()


async def test_the_shares_sum_exactly_to_the_index(doors, key):
    _, found = await explained(doors, key)

    assert sum(share["thousandths"] for share in found["shares"]) == found["index_thousandths"]
    assert found["index_thousandths"] == round(found["index"] * 1000)


async def test_the_figures_are_those_of_the_product(doors, key):
    product = (await doors.ask("GET", "/v1/products/EX", key)).json()

    _, found = await explained(doors, key)

    same = ("index", "main_factor", "risk_level", "model_level", "floors", "stale", "facts_unknown")
    assert {name: found[name] for name in same} == {name: product[name] for name in same}
    assert found["floors"] == [{"standard": "GB 1", "indicator": "copies accepted"}]
    assert found["rise"]["after"] == "serious"


async def test_the_ten_heaviest_events_are_receipts_and_none_was_taken_back(doors, key):
    taken_back = await doors.watch.fetchval(
        "select encode(uid, 'hex') from scoring.events where retracted_by is not null"
    )

    _, found = await explained(doors, key)

    weights = [event["weight"] for event in found["events"]]
    assert (found["events_count"], len(weights), found["events_complete"]) == (12, 10, True)
    assert weights == sorted(weights, reverse=True)
    assert taken_back not in {event["uid"] for event in found["events"]}


async def test_what_the_events_weigh_is_what_the_sources_hold(doors, key):
    _, found = await explained(doors, key, as_of=NOON - 7 * DAY)

    [source] = found["sources"]
    assert found["events_count"] == len(found["events"]) == 7
    assert sum(e["weight"] for e in found["events"]) == pytest.approx(source["weight"] * source["trials"])


async def test_as_of_now_says_what_is_said_now(doors, key):
    _, now = await explained(doors, key)

    _, then = await explained(doors, key, as_of=NOON)

    assert {**then, "as_of": None} == now


async def test_a_failure_that_was_taken_back_later_counted_then(doors, key):
    _, before = await explained(doors, key, as_of=NOON - 4 * DAY - timedelta(seconds=1))
    _, after = await explained(doors, key, as_of=NOON - 4 * DAY)

    assert (before["sources"][0]["failures"] > 0, after["sources"][0]["failures"]) == (True, 0)
    assert (before["events_count"], after["events_count"]) == (12, 11)


async def test_facts_are_unknown_until_they_arrive(doors, key):
    _, before = await explained(doors, key, as_of=NOON - 3 * DAY - timedelta(seconds=1))
    _, after = await explained(doors, key, as_of=NOON - 3 * DAY)

    assert (before["facts_unknown"], before["severity"]) == (True, 3)
    assert (after["facts_unknown"], after["severity"], after["facts_revision"]) == (False, 4, 1)


@pytest.mark.parametrize(
    ("product_id", "as_of", "status"),
    [
        ("EX", NOON - 9 * DAY, 404),
        ("NONE", None, 404),
        ("NONE", NOON, 404),
        ("EX", NOON + DAY, 422),
    ],
)  # fmt: skip
async def test_what_cannot_be_explained_is_refused(doors, key, product_id, as_of, status):
    assert (await explained(doors, key, product_id, as_of))[0] == status


async def test_an_instant_without_an_offset_is_refused(doors, key):
    answer = await doors.ask("GET", "/v1/products/EX/explanation?as_of=2026-03-01T12:00:00", key)

    assert answer.status_code == 422


async def test_events_that_were_dropped_by_age_are_said_to_be_gone(doors, key):
    await rows.assessed(doors.watch, "AGED")

    status, found = await explained(doors, key, "AGED", NOON)

    assert (status, found["code"]) == (410, "events_dropped")


async def test_a_product_of_an_unknown_policy_version_is_not_explained(doors, key):
    await rows.assessed(doors.watch, "STRANGE", policy_version="of another registry")

    status, found = await explained(doors, key, "STRANGE")

    assert (status, found["code"]) == (409, "policy_unknown")


async def test_a_level_change_keeps_what_explains_it(doors, key):
    [change] = (await doors.ask("GET", "/v1/level-changes?risk_level=high&product_id=EX", key)).json()[
        "items"
    ]

    found = (await doors.ask("GET", f"/v1/level-changes/{change['uid']}", key)).json()

    _, then = await explained(doors, key)
    assert found["reason"] == "floored"
    assert found["explanation"] == {name: then[name] for name in found["explanation"]}


async def test_the_first_sight_of_a_product_keeps_none(doors, key):
    [first] = (await doors.ask("GET", "/v1/level-changes?product_id=EX", key)).json()["items"][-1:]

    found = (await doors.ask("GET", f"/v1/level-changes/{first['uid']}", key)).json()

    assert (found["reason"], found["explanation"]) == ("started", None)


async def test_an_unknown_level_change_is_not_found(doors, key):
    assert (await doors.ask("GET", f"/v1/level-changes/{'0' * 32}", key)).status_code == 404


async def test_a_level_change_is_explained_after_its_events_are_gone(doors, key, log):
    body = inspection("GONE", "gone-1", failed=True, sampled_at=NOON)
    body["items"][0] |= {"standard": STANDARD}
    log.add(body, NOON)
    await log.score()
    [change] = (await doors.ask("GET", "/v1/level-changes?product_id=GONE", key)).json()["items"]
    await doors.watch.execute("delete from scoring.events where product_id = 'GONE'")

    found = (await doors.ask("GET", f"/v1/level-changes/{change['uid']}", key)).json()["explanation"]

    assert (found["model_level"], found["floors"][0]["standard"]) == ("high", "GB 1")
    assert sum(share["thousandths"] for share in found["shares"]) == found["index_thousandths"]
    assert (await explained(doors, key, "GONE", NOON))[1]["code"] == "events_dropped"


async def test_a_product_says_that_its_facts_are_unknown_until_they_were_scored(doors, key, log):
    log.add(inspection("FACTS", "facts-lot", failed=True, sampled_at=NOON), NOON)
    await log.score()
    before = (await doors.ask("GET", "/v1/products/FACTS", key)).json()
    facts = {"name": "Label", "category": "labels", "severity_class": 1}
    await doors.ask("PUT", "/v1/products/FACTS", key, json=facts)
    recorded = (await doors.ask("GET", "/v1/products/FACTS", key)).json()
    await log.relay(NOON)
    await log.score()

    after = (await doors.ask("GET", "/v1/products/FACTS", key)).json()

    said = [(one["facts_known"], one["facts_unknown"]) for one in (before, recorded, after)]
    assert said == [(False, True), (True, True), (True, False)]
    assert (before["risk_level"], after["risk_level"]) == ("medium", "low")
    assert {change["reason"] for change in after["history"]} == {"redecided", "started"}
