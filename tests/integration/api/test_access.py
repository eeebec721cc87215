"""Every route against every wrong key: generated from the routes, so that a new one is in it at once."""

import pytest

from sealwatch.contracts.credentials import mint
from sealwatch.contracts.registry import CENTRE_SCOPES, SCOPES
from sealwatch.shell.db import open_engine
from sealwatch.shell.settings import ApiSettings
from sealwatch_api.app import create_app
from tests.integration.api.doors import Doors

ROUTES = [
    (method.upper(), path, operation["security"][0]["key"])
    for path, operations in create_app(None).openapi()["paths"].items()
    for method, operation in operations.items()
]
IDS = [f"{method} {path}" for method, path, _ in ROUTES]
HEX, KEY = "0" * 32, "0" * 12
FILLED = {
    "dimension": "category",
    "product_id": "P1",
    "delivery_id": HEX,
    "uid": HEX,
    "subscription_id": HEX,
    "key_id": KEY,
    "device_id": "D1",
    "letter_id": HEX,
    "quarantine_id": "1",
    "version": "none.1",
    "department_id": "D1",
    "silence_id": HEX,
    "action_id": HEX,
    "notice_id": HEX,
    "mailbox_id": HEX,
    "release_id": HEX,
    "a": "none.1",
    "b": "none.2",
}


UNKNOWN = mint(bytes(38)).key


@pytest.mark.parametrize(("method", "path"), [route[:2] for route in ROUTES], ids=IDS)
async def test_every_route_asks_for_a_key(doors, method, path):
    answer = await doors.ask(method, path.format(**FILLED))

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("method", "path"), [route[:2] for route in ROUTES], ids=IDS)
async def test_every_route_answers_an_unknown_key_as_it_answers_none(doors, method, path):
    without = await doors.ask(method, path.format(**FILLED))

    answer = await doors.ask(method, path.format(**FILLED), UNKNOWN)

    assert (answer.status_code, answer.content) == (401, without.content)


@pytest.mark.parametrize(("method", "path", "scopes"), ROUTES, ids=IDS)
async def test_every_route_refuses_a_key_with_every_scope_but_its_own(doors, method, path, scopes):
    key = await doors.key(scopes=[scope for scope in (*SCOPES, *CENTRE_SCOPES) if scope not in scopes])

    answer = await doors.ask(method, path.format(**FILLED), key)

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(
    "path", ["/v1/policies", "/v1/policies/2026.2/publish", "/v1/policies/2026.2/withdraw"]
)
async def test_a_key_with_all_that_an_organisation_needs_does_not_touch_the_policy_of_all(doors, path):
    key = await doors.key("north", scopes=SCOPES)

    answer = await doors.ask("POST", path, key)

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")


@pytest.mark.parametrize(("method", "path", "scopes"), ROUTES, ids=IDS)
async def test_every_route_lets_a_key_with_just_its_scope_pass(doors, method, path, scopes):
    key = await doors.key(scopes=scopes)

    answer = await doors.ask(method, path.format(**FILLED), key)

    assert answer.status_code not in (401, 403, 500, 503)


async def test_a_revoked_key_is_refused_at_its_next_request(doors, key):
    victim = await doors.key()
    key_id = victim.split("_")[2]

    ended = await doors.ask("DELETE", f"/v1/keys/{key_id}", key)
    answer = await doors.ask("GET", "/v1/products", victim)

    assert (ended.status_code, answer.status_code, answer.json()["code"]) == (204, 401, "credential_revoked")


async def test_an_expired_key_is_refused(doors):
    expired = await doors.key()
    await doors.watch.execute(
        "update registry.credentials set expires_at = '2026-03-01T11:59:59Z' where key_id = $1",
        expired.split("_")[2],
    )

    answer = await doors.ask("GET", "/v1/products", expired)

    assert (answer.status_code, answer.json()["code"]) == (401, "credential_revoked")


async def test_a_key_in_the_address_is_refused(doors, key):
    answer = await doors.ask("GET", f"/v1/products?api_key={key}", key)

    assert (answer.status_code, answer.json()["code"]) == (400, "credential_in_url")


async def test_two_keys_at_once_are_refused(doors, key):
    twice = [("authorization", f"Bearer {key}")] * 2

    answer = await doors.http.get("/v1/products", headers=twice)

    assert (answer.status_code, answer.json()["code"]) == (400, "several_credentials")


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/v1/receipts", 404)])
async def test_what_is_not_there_is_a_problem_document(doors, key, path, status):
    answer = await doors.ask("GET", path, key)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_database_that_does_not_answer_is_said_to_be_unavailable(unreachable, key):
    answer = await unreachable.ask("GET", "/v1/products", key)

    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"] == "2"


@pytest.fixture
async def unreachable():
    settings = ApiSettings(database_url="postgresql://u:p@127.0.0.1:1/none", secrets_key="unused")
    engine = open_engine(settings, "sealwatch_api", application="test")
    found = Doors(engine, None)
    yield found
    await found.http.aclose()
    await engine.dispose()
