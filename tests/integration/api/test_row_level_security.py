"""The database keeps organisations apart by itself."""

import pytest

from sealwatch.contracts.codec import Stamp
from sealwatch_api.queries.tenancy import work_as
from tests.factories import inspection, received
from tests.integration.api import rows


@pytest.fixture(scope="module")
async def one_row_each(doors, key):
    delivery = await rows.delivered(doors.watch, b"hidden", "centre")
    await rows.watched(doors.watch, b"hidden", "centre")
    await rows.mailed(doors.watch, delivery, "centre")
    await rows.quarantined(doors.watch, b"hidden".ljust(16), "centre")
    await rows.given_up(doors.watch, received(inspection(), sender=Stamp("centre", "lims")))
    subscription = {"department": "Office", "url": "https://hooks.example.org/x"}
    made = (await doors.ask("POST", "/v1/subscriptions", key, json=subscription)).json()
    await doors.ask("POST", f"/v1/subscriptions/{made['subscription_id']}/secret", key, json={})
    await rows.switched_off(doors.watch, bytes.fromhex(made["subscription_id"]), "centre")
    await doors.ask("PUT", "/v1/departments/D1", key, json={"name": "D"})
    await doors.ask("PUT", "/v1/routing-rules", key, json={})
    await doors.ask("PUT", "/v1/escalation-rules", key, json={})
    silence = {"reason": "r", "expires_at": "2026-03-02T00:00:00Z", "products": ["P1"]}
    await doors.ask("POST", "/v1/silences", key, json=silence)
    await rows.asked_for(doors.watch, b"hidden".ljust(16, b"n"))
    path = f"/v1/actions/{b'hidden'.ljust(16, b'n').hex()}"
    await doors.ask("POST", f"{path}/done", key, json={"follow_up": "done"})
    await rows.decided(doors.watch, b"hidden", "centre")
    await doors.ask("PUT", "/v1/devices/METER", key, json={"point_id": "T", "period_seconds": 60})


TABLES = {
    "registry.credentials": "organisation_id",
    "registry.subscriptions": "organisation_id",
    "registry.devices": "organisation_id",
    "registry.departments": "organisation_id",
    "registry.routing_rules": "organisation_id",
    "registry.escalation_rules": "organisation_id",
    "registry.silences": "organisation_id",
    "registry.audit": "organisation_id",
    "registry.retiring_secrets": "organisation_id",
    "alerting.owner_news": "organisation_id",
    "alerting.decisions": "organisation_id",
    "alerting.action_answers": "organisation_id",
    "alerting.deliveries": "organisation_id",
    "alerting.mailboxes": "organisation_id",
    "alerting.watches": "organisation_id",
    "alerting.escalations": "organisation_id",
    "registry.releases": "organisation_id",
    "alerting.acknowledgements": "organisation_id",
    "alerting.digest_leavers": "organisation_id",
    "scoring.dead_letters": "organisation",
    "scoring.quarantine": "organisation",
}


async def owners(doors, table, organisation):
    async with doors.engine.begin() as connection:
        await work_as(connection, organisation)
        found = await connection.exec_driver_sql(f"select {TABLES[table]} from {table}")  # noqa: S608  # ours
        return {row[0] for row in found}


@pytest.mark.usefixtures("one_row_each")
@pytest.mark.parametrize("table", TABLES)
async def test_a_statement_without_a_filter_sees_only_rows_of_the_named_organisation(doors, table):
    seen = [await owners(doors, table, organisation) for organisation in ("centre", "elsewhere")]

    assert seen == [{"centre"}, set()]


@pytest.mark.usefixtures("one_row_each")
@pytest.mark.parametrize("table", TABLES)
async def test_a_transaction_that_names_nobody_sees_nothing(doors, table):
    async with doors.engine.begin() as connection:
        found = await connection.exec_driver_sql(f"select 1 from {table}")  # noqa: S608  # ours

    assert found.all() == []
