"""Subscriptions, keys, devices, receipts and deliveries, as their owner meets them."""

import base64
import json

import pytest

from sealwatch.contracts.registry import ENTRY
from tests.integration.api import rows

SUBSCRIPTION = {"department": "Office", "url": "https://hooks.example.org/x", "regions": ["11"]}
REGISTRY = "sealwatch.registry.v1"


async def entries(doors, key):
    return [
        ENTRY.validate_json(row["value"])
        for row in await doors.outbox(REGISTRY)
        if row["key"] == key.encode()
    ]


async def test_the_secret_of_a_subscription_is_shown_once_and_stored_sealed(doors, key):
    made = (await doors.ask("POST", "/v1/subscriptions", key, json=SUBSCRIPTION)).json()
    later = await doors.ask("GET", f"/v1/subscriptions/{made['subscription_id']}", key)

    secret = made["secret"].removeprefix("whsec_")
    stored = await doors.watch.fetchval(
        "select secret_sealed from registry.subscriptions where subscription_id = $1",
        bytes.fromhex(made["subscription_id"]),
    )
    assert len(base64.b64decode(secret)) == 32
    assert secret not in later.text
    assert secret.encode() not in stored


async def test_a_subscription_shows_what_was_asked_for(doors, key):
    made = (await doors.ask("POST", "/v1/subscriptions", key, json=SUBSCRIPTION)).json()

    assert (made["minimum_level"], made["regions"], made["categories"]) == ("medium", ["11"], [])


async def test_an_address_that_may_not_be_reached_is_refused_without_a_hint(doors, key):
    wish = SUBSCRIPTION | {"url": "https://inside.example/"}

    answer = await doors.ask("POST", "/v1/subscriptions", key, json=wish)

    assert (answer.status_code, answer.json()["code"]) == (422, "url_not_allowed")
    assert "inside" not in answer.text


async def test_an_ended_subscription_is_gone(doors, key):
    made = (await doors.ask("POST", "/v1/subscriptions", key, json=SUBSCRIPTION)).json()
    path = f"/v1/subscriptions/{made['subscription_id']}"

    ended = await doors.ask("DELETE", path, key)
    again = await doors.ask("DELETE", path, key)

    assert (ended.status_code, again.status_code) == (204, 404)


async def test_a_new_key_works_and_intake_is_told_its_digest_only(doors, key):
    wish = {"source_id": "lims", "scopes": ["risk:read"], "expires_at": "2027-01-01T00:00:00Z"}

    made = (await doors.ask("POST", "/v1/keys", key, json=wish)).json()
    answer = await doors.ask("GET", "/v1/products", made["key"])

    [entry] = await entries(doors, f"credential:{made['key_id']}")
    assert (answer.status_code, entry.organisation_id, entry.scopes) == (200, "centre", ("risk:read",))
    assert made["key"] not in entry.model_dump_json()


async def test_a_revocation_is_told_to_intake(doors, key):
    made = (await doors.ask("POST", "/v1/keys", key, json={"source_id": "s", "scopes": ["risk:read"]})).json()

    await doors.ask("DELETE", f"/v1/keys/{made['key_id']}", key)

    told = await entries(doors, f"credential:{made['key_id']}")
    assert [entry.revoked for entry in told] == [False, True]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"scopes": ["products:write"]}, "scope_beyond_own"),
        ({"scopes": ["keys:admin"], "accredited": True}, "accreditation_beyond_own"),
        (
            {"scopes": ["keys:admin"], "source_classes": {"reading": "monitoring_point"}},
            "source_class_beyond_own",
        ),
    ],
)
async def test_a_key_never_allows_more_than_its_makers(doors, wish, code):
    maker = await doors.key(scopes=["keys:admin", "risk:read"], accredited=False)

    answer = await doors.ask("POST", "/v1/keys", maker, json={"source_id": "s"} | wish)

    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_a_device_is_recorded_then_replaced_and_intake_hears_both(doors, key):
    facts = {"point_id": "T", "period_seconds": 60}

    first = await doors.ask("PUT", "/v1/devices/M-1", key, json=facts)
    second = await doors.ask("PUT", "/v1/devices/M-1", key, json=facts | {"period_seconds": 30})
    seen = (await doors.ask("GET", "/v1/devices/M-1", key)).json()

    told = await entries(doors, "device:centre/M-1")
    assert (first.status_code, second.status_code, seen["period_seconds"]) == (201, 200, 30)
    assert [entry.period_seconds for entry in told] == [60, 30]


GAP = {"indicator": "gap", "unit": "mm", "factor": "ENVR", "limits": {"upper": 300, "unit": "µm"}}


async def test_what_a_device_measures_is_shown_as_recorded_and_told_to_intake(doors, key):
    facts = {"point_id": "T", "period_seconds": 60, "indicators": [GAP, GAP | {"product_id": "P2"}]}

    answer = (await doors.ask("PUT", "/v1/devices/M-2", key, json=facts)).json()
    seen = (await doors.ask("GET", "/v1/devices/M-2", key)).json()

    (entry,) = await entries(doors, "device:centre/M-2")
    assert seen == answer
    assert [one["product_id"] for one in seen["indicators"]] == [None, "P2"]
    assert [one.limits.upper for one in entry.indicators] == [300.0, 300.0]


@pytest.mark.parametrize(
    ("indicators", "code"),
    [
        ([GAP | {"unit": "blorps"}], "unknown_unit"),
        ([GAP | {"unit": "mg"}], "unit_mismatch"),
        ([GAP | {"limits": {"unit": "mm"}}], "no_limit"),
        ([GAP, GAP], "indicator_twice"),
        ([GAP | {"level": "low"}], "invalid_field"),
    ],
)
async def test_an_indicator_that_no_reading_could_be_held_against_is_refused(doors, key, indicators, code):
    facts = {"point_id": "T", "period_seconds": 60, "indicators": indicators}

    answer = await doors.ask("PUT", "/v1/devices/M-3", key, json=facts)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_delivery_shows_its_attempts(doors, key):
    delivery = await rows.delivered(doors.watch, b"attempts", "centre")

    seen = (await doors.ask("GET", f"/v1/deliveries/{delivery.hex()}", key)).json()

    assert (seen["state"], [one["status"] for one in seen["attempts"]]) == ("delivered", [200])


async def test_notices_are_listed_with_their_reason(doors, key):
    await rows.delivered(doors.watch, b"noticed", "centre")

    page = (await doors.ask("GET", "/v1/notices?product_id=noticed", key)).json()

    assert [(one["after"], one["reason"]) for one in page["items"]] == [("high", "first")]


async def receipt(doors, key, uid):
    return await doors.ask("GET", f"/v1/receipts/{uid.hex()}", key)


async def test_a_receipt_tells_scored_from_retracted(doors, key):
    await rows.recorded(doors.watch, b"one-that-counted", "centre")
    await rows.recorded(doors.watch, b"two-taken-back-.", "centre", retracted_by=bytes(16))

    found = [(await receipt(doors, key, uid)).json() for uid in (b"one-that-counted", b"two-taken-back-.")]

    assert [one["outcome"] for one in found] == ["scored", "retracted"]
    assert [one["retracted_by"] for one in found] == [None, bytes(16).hex()]


async def test_a_receipt_shows_a_conflict_beside_the_event_that_stands(doors, key):
    await rows.recorded(doors.watch, b"three-conflicted", "centre")
    await rows.quarantined(doors.watch, b"three-conflicted", "centre")

    seen = (await receipt(doors, key, b"three-conflicted")).json()

    assert (seen["outcome"], [one["reason"] for one in seen["set_aside"]]) == (
        "scored",
        ["event_id_conflict"],
    )


async def test_an_event_that_was_only_set_aside_is_quarantined(doors, key):
    await rows.quarantined(doors.watch, b"four-set-aside-.", "centre", "target_gone")

    seen = (await receipt(doors, key, b"four-set-aside-.")).json()

    assert (seen["outcome"], seen["set_aside"][0]["reason"]) == ("quarantined", "target_gone")


async def test_an_event_that_the_scorer_has_not_read_is_not_yet_known(doors, key):
    answer = await receipt(doors, key, b"five-not-yet-in.")

    assert (answer.status_code, json.loads(answer.content)["code"]) == (404, "not_yet_known")
