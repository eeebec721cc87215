"""What belongs to another organisation is answered byte for byte as what does not exist.

Proven twice: under the role of the api, and past row-level security, where only the statements' own
filters are left.
"""

from dataclasses import dataclass

import pytest

from sealwatch.contracts.codec import Stamp
from tests.factories import inspection, received
from tests.integration.api import rows
from tests.integration.api.doors import opened

SUBSCRIPTION = {"department": "Office", "url": "https://hooks.example.org/x"}
ABSENT = "f" * 32
NOTE = {"note": "of no interest to a GET"}
PAST_ROW_LEVEL_SECURITY = "none"  # the owner of the tables, as PostgreSQL names it


@pytest.fixture(scope="module", params=["sealwatch_api", PAST_ROW_LEVEL_SECURITY])
async def doors(postgres, request):
    async with opened(postgres, request.param) as found:
        yield found


@dataclass
class Owned:
    """Ids of things that the centre owns."""

    delivery: str
    receipt: str
    set_aside: str
    subscription: str
    key: str
    letter: str
    aside: str
    device: str = "METER"


@pytest.fixture(scope="module")
async def owned(doors, key):
    delivery = await rows.delivered(doors.watch, b"owned", "centre")
    await rows.recorded(doors.watch, b"centre's-receipt", "centre")
    await rows.quarantined(doors.watch, b"centre's-setasid", "centre")
    made = await doors.ask("POST", "/v1/subscriptions", key, json=SUBSCRIPTION)
    minted = await doors.ask("POST", "/v1/keys", key, json={"source_id": "s", "scopes": ["risk:read"]})
    device = {"point_id": "T", "period_seconds": 60}
    await doors.ask("PUT", "/v1/devices/METER", key, json=device)
    return Owned(
        delivery.hex(),
        b"centre's-receipt".hex(),
        b"centre's-setasid".hex(),
        made.json()["subscription_id"],
        minted.json()["key_id"],
        await rows.given_up(doors.watch, received(inspection(), sender=Stamp("centre", "lims"))),
        str(await doors.watch.fetchval("select max(quarantine_id) from scoring.quarantine")),
    )


CASES = [
    ("GET", "/v1/deliveries/{}", "delivery", ABSENT),
    ("GET", "/v1/receipts/{}", "receipt", ABSENT),
    ("GET", "/v1/receipts/{}", "set_aside", ABSENT),
    ("GET", "/v1/subscriptions/{}", "subscription", ABSENT),
    ("DELETE", "/v1/subscriptions/{}", "subscription", ABSENT),
    ("GET", "/v1/subscriptions/{}/health", "subscription", ABSENT),
    ("POST", "/v1/subscriptions/{}/test", "subscription", ABSENT),
    ("POST", "/v1/subscriptions/{}/enable", "subscription", ABSENT),
    ("POST", "/v1/deliveries/{}/replay", "delivery", ABSENT),
    ("DELETE", "/v1/keys/{}", "key", ABSENT[:12]),
    ("GET", "/v1/devices/{}", "device", "ABSENT"),
    ("GET", "/v1/dead-letters/{}", "letter", ABSENT),
    ("POST", "/v1/dead-letters/{}/replay", "letter", ABSENT),
    ("POST", "/v1/dead-letters/{}/dismiss", "letter", ABSENT),
    ("GET", "/v1/quarantine/{}", "aside", "999999"),
    ("POST", "/v1/quarantine/{}/replay", "aside", "999999"),
    ("POST", "/v1/quarantine/{}/dismiss", "aside", "999999"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_anothers_id_is_answered_as_one_that_does_not_exist(doors, owned, stranger, case):
    method, path, kind, absent = case
    missing = await doors.ask(method, path.format(absent), stranger, json=NOTE)

    answer = await doors.ask(method, path.format(getattr(owned, kind)), stranger, json=NOTE)

    assert (answer.status_code, answer.content) == (404, missing.content)
    assert dict(answer.headers) == dict(missing.headers)


@pytest.mark.parametrize(
    "asked",
    [
        ("PATCH", "/v1/subscriptions/{}", {"url": "https://hooks.example.org/y"}),
        ("POST", "/v1/subscriptions/{}/secret", {"overlap_seconds": 60}),
        ("POST", "/v1/subscriptions/{}/replay", {"since": "2026-01-01T00:00:00Z"}),
    ],
)
async def test_anothers_endpoint_is_not_changed(doors, owned, stranger, asked):
    method, path, wish = asked
    missing = await doors.ask(method, path.format(ABSENT), stranger, json=wish)

    answer = await doors.ask(method, path.format(owned.subscription), stranger, json=wish)

    assert (answer.status_code, answer.content) == (404, missing.content)


@pytest.mark.parametrize(("path", "kind"), [case[1:3] for case in CASES if case[0] == "GET"])
async def test_the_owner_sees_it(doors, owned, key, path, kind):
    answer = await doors.ask("GET", path.format(getattr(owned, kind)), key)

    assert answer.status_code == 200


@pytest.mark.usefixtures("owned")
@pytest.mark.parametrize(
    "path", ["/v1/deliveries", "/v1/subscriptions", "/v1/dead-letters", "/v1/quarantine"]
)
async def test_lists_hold_nothing_of_others(doors, stranger, path):
    page = (await doors.ask("GET", path, stranger)).json()

    assert page["items"] == []


@pytest.mark.usefixtures("owned")
async def test_a_replay_of_many_takes_nothing_of_others(doors, stranger):
    answer = await doors.ask("POST", "/v1/dead-letters/replay", stranger, json=NOTE)

    assert (answer.json()["replayed"], answer.json()["refused"]) == ([], [])


@pytest.mark.usefixtures("owned")
async def test_the_list_of_keys_holds_only_ones_own(doors, stranger):
    page = (await doors.ask("GET", "/v1/keys", stranger)).json()

    assert [item["key_id"] for item in page["items"]] == [stranger.split("_")[2]]


@pytest.mark.usefixtures("owned")
async def test_a_cursor_of_another_organisation_is_refused(doors, key, stranger):
    for n in range(2):
        await doors.ask("POST", "/v1/subscriptions", key, json=SUBSCRIPTION | {"department": f"D{n}"})
    page = (await doors.ask("GET", "/v1/subscriptions?limit=1", key)).json()

    answer = await doors.ask("GET", f"/v1/subscriptions?limit=1&cursor={page['next_cursor']}", stranger)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


async def test_anyone_with_the_scope_reads_the_risk_of_a_product(doors, key, stranger):
    facts = {"name": "Label", "category": "labels", "severity_class": 3}
    await doors.ask("PUT", "/v1/products/SHARED", key, json=facts)

    answer = await doors.ask("GET", "/v1/products/SHARED", stranger)

    assert answer.status_code == 200
