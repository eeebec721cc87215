"""The chain of a notice over the api: each state, the filters, and what an organisation sees of it."""

from datetime import timedelta

import pytest

from tests.integration.api import rows
from tests.integration.api.doors import NOON


async def state(doors, key, notice):
    return (await doors.ask("GET", f"/v1/notices/{notice.hex()}/chain", key)).json()["state"]


async def test_a_chain_goes_from_raised_to_acted_step_by_step(doors, key):
    notice, delivery = await rows.told(doors.watch, b"walked", "centre")
    await doors.watch.execute(
        "update alerting.deliveries set state = 'pending', next_attempt_at = $2, concluded_at = null "
        "where delivery_id = $1",
        delivery, NOON,
    )  # fmt: skip
    sent = await state(doors, key, notice)
    await doors.watch.execute(
        "update alerting.deliveries set state = 'delivered', next_attempt_at = null, concluded_at = $2 "
        "where delivery_id = $1",
        delivery, NOON,
    )  # fmt: skip
    delivered = await state(doors, key, notice)
    path = f"/v1/deliveries/{delivery.hex()}/acknowledgements"
    await doors.ask("POST", path, key, json={"name": "Li"})
    acknowledged = await state(doors, key, notice)
    await doors.ask("POST", path, key, json={"name": "Li", "answer": "twelve samples taken"})

    chain = (await doors.ask("GET", f"/v1/notices/{notice.hex()}/chain", key)).json()

    assert (sent, delivered, acknowledged, chain["state"]) == ("sent", "delivered", "acknowledged", "acted")
    assert [one["answer"] for one in chain["acknowledgements"]] == ["", "twelve samples taken"]
    assert chain["links"][0]["delivery_id"] == delivery.hex()


async def test_what_was_never_tried_is_raised(doors, key):
    notice, delivery = await rows.told(doors.watch, b"untried", "centre")
    await doors.watch.execute("delete from alerting.attempts where delivery_id = $1", delivery)
    await doors.watch.execute(
        "update alerting.deliveries set state = 'pending', next_attempt_at = $2 where delivery_id = $1",
        delivery, NOON,
    )  # fmt: skip

    assert await state(doors, key, notice) == "raised"


async def test_actions_that_are_all_done_are_acting_too(doors, key):
    notice, _ = await rows.told(doors.watch, b"done", "centre")
    await rows.asked_for(doors.watch, notice)
    before = await state(doors, key, notice)
    said = {"follow_up": "three shops closed"}
    await doors.ask("POST", f"/v1/actions/{notice.hex()}/done", key, json=said)

    chain = (await doors.ask("GET", f"/v1/notices/{notice.hex()}/chain", key)).json()

    assert (before, chain["state"]) == ("delivered", "acted")
    assert chain["actions"][0]["follow_up"] == "three shops closed"


async def test_a_chain_shows_reminders_and_the_offices_above(doors, key):
    notice, _ = await rows.told(doors.watch, b"climbed", "centre")
    await doors.watch.execute(
        "insert into alerting.watches values ($1, 'centre', 'D', 'climbed', 1, 4, $2, $2, $2)", notice, NOON
    )
    await doors.watch.execute(
        "insert into alerting.escalations values ($1, 'centre', 'D', 1, 'reminder', 'D', $2)", notice, NOON
    )
    await doors.watch.execute(
        "insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, "
        "product_id, sequence, state, created_at, step, behalf, cause) values ($1, $2, $2, "
        "'centre', 'climbed', 1, 'delivered', $3, 1, 'D', 'reminder')",
        b"again".ljust(16, b"d"), notice, NOON,
    )  # fmt: skip
    await doors.ask("POST", f"/v1/deliveries/{b'again'.ljust(16, b'd').hex()}/acknowledgements", key, json={})

    chain = (await doors.ask("GET", f"/v1/notices/{notice.hex()}/chain", key)).json()

    assert chain["state"] == "acknowledged"
    assert chain["steps"] == [
        {
            "office": "D", "step": 1, "kind": "reminder", "to_office": "D", "made_at": "2026-03-01T12:00:00Z",
            "deliveries": [b"again".ljust(16, b"d").hex()],
        }
    ]  # fmt: skip
    assert (chain["watches"][0]["ended"], chain["links"][0]["steps"]) == (None, 1)


@pytest.fixture(scope="module")
async def listed(doors):
    notice, _ = await rows.told(doors.watch, b"listed", "centre", office="Wanted")
    return notice


@pytest.mark.parametrize(
    "asked",
    [
        "product_id=listed",
        "office=Wanted",
        f"subscription_id={b'listed'.ljust(16, b'n').hex()}",
        f"notice_id={b'listed'.ljust(16, b'n').hex()}",
        "product_id=listed&state=delivered",
        "product_id=listed&since=2026-03-01T12:00:00Z&until=2026-03-01T12:00:01Z",
    ],
)
async def test_chains_are_found_by(doors, key, listed, asked):
    answer = await doors.ask("GET", f"/v1/chains?{asked}", key)

    assert [one["notice_id"] for one in answer.json()["items"]] == [listed.hex()]


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    "asked", ["office=Other", "product_id=listed&state=acted", "office=Wanted&until=2026-03-01T12:00:00Z"]
)
async def test_chains_are_left_out_by(doors, key, asked):
    answer = await doors.ask("GET", f"/v1/chains?{asked}", key)

    assert answer.json()["items"] == []


@pytest.mark.usefixtures("listed")
async def test_chains_come_in_pages(doors, key):
    await rows.told(doors.watch, b"paged", "centre", office="Wanted")
    await doors.watch.execute(
        "update alerting.decisions set decided_at = $1 where product_id = 'paged'", NOON - timedelta(hours=1)
    )

    first = (await doors.ask("GET", "/v1/chains?office=Wanted&limit=1", key)).json()
    cursor = first["next_cursor"]
    second = (await doors.ask("GET", f"/v1/chains?office=Wanted&limit=1&cursor={cursor}", key)).json()

    products = [one["product_id"] for page in (first, second) for one in page["items"]]
    assert (products, second["next_cursor"]) == (["listed", "paged"], None)


async def test_another_organisation_sees_the_notice_and_nothing_of_who_was_told(doors, stranger, listed):
    answer = await doors.ask("GET", f"/v1/notices/{listed.hex()}/chain", stranger)

    assert (answer.status_code, answer.json()["links"]) == (200, [])
    assert (await doors.ask("GET", "/v1/chains", stranger)).json()["items"] == []


async def test_a_notice_that_is_not_there_has_no_chain(doors, key):
    answer = await doors.ask("GET", f"/v1/notices/{'0' * 32}/chain", key)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
