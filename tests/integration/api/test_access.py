"""Every route against every wrong key: generated from the routes, so that a new one is in it at once."""

import pytest

from sealwatch.contracts.registry import SCOPES
from sealwatch_api.app import create_app

ROUTES = [
    (method.upper(), path, operation["security"][0]["key"])
    for path, operations in create_app(None).openapi()["paths"].items()
    for method, operation in operations.items()
]
IDS = [f"{method} {path}" for method, path, _ in ROUTES]
HEX, KEY = "0" * 32, "0" * 12
FILLED = {
    "product_id": "P1",
    "delivery_id": HEX,
    "uid": HEX,
    "subscription_id": HEX,
    "key_id": KEY,
    "device_id": "D1",
}
UNKNOWN = (
    "sw_live_000000000000_0000000000000000000000000000000000000000000000000000000000000000"  # no such key
)


def unknown_key():
    from sealwatch.contracts.credentials import mint  # noqa: PLC0415  # keeps the import beside its one use

    return mint(bytes(38)).key


@pytest.mark.parametrize(("method", "path", "scopes"), ROUTES, ids=IDS)
class TestEveryRoute:
    async def test_asks_for_a_key(self, doors, method, path, scopes):
        answer = await doors.ask(method, path.format(**FILLED))

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")

    async def test_answers_an_unknown_key_as_it_answers_none(self, doors, method, path, scopes):
        without = await doors.ask(method, path.format(**FILLED))

        answer = await doors.ask(method, path.format(**FILLED), unknown_key())

        assert (answer.status_code, answer.content) == (401, without.content)

    async def test_refuses_a_key_with_every_scope_but_its_own(self, doors, method, path, scopes):
        key = await doors.key(scopes=[scope for scope in SCOPES if scope not in scopes])

        answer = await doors.ask(method, path.format(**FILLED), key)

        assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")

    async def test_lets_a_key_with_just_its_scope_pass(self, doors, method, path, scopes):
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
