"""A door that just started: until it has read who may send, it sends nobody away for good."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.credentials import ID_BYTES, SECRET_BYTES, mint
from sealwatch.contracts.registry import CredentialEntry
from sealwatch.shell.clock import utc_now
from sealwatch.shell.kafka import Publisher
from sealwatch.shell.kafka.clusters import Cluster, Plan
from sealwatch.shell.settings import IngestSettings
from sealwatch_api.registry import entry_record
from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import choose_kafka
from sealwatch_ingest.__main__ import wire
from tests.factories import inspection

KEY = mint(bytes(range(ID_BYTES + SECRET_BYTES)))  # the tests' own
STRANGER = mint(bytes(range(1, ID_BYTES + SECRET_BYTES + 1)))
SENDER = Stamp("centre", "spot-checks", "national_spot_check", accredited=True)
ENTRY = CredentialEntry(
    key_id=KEY.key_id,
    digest=KEY.digest,
    organisation_id=SENDER.organisation,
    source_id=SENDER.source,
    scopes=("events:write",),
    source_classes={"inspection": "national_spot_check"},
    accredited=True,
)


@pytest.fixture(scope="module")
def own_kafka(machine, servers):
    broker = Broker(servers[0] / "kafka-fresh-start", choose_kafka(machine, None), register=servers[1])
    broker.start()
    yield broker.bootstrap
    broker.stop()


@pytest.fixture
async def settings(own_kafka):
    await Cluster(own_kafka).apply(Plan.of("test", 1))
    publisher = Publisher(own_kafka)
    await publisher.start()
    await publisher.publish([entry_record(ENTRY, SENDER, utc_now())])
    await publisher.stop()
    return IngestSettings(kafka_bootstrap=own_kafka, kafka_profile="test")


@asynccontextmanager
async def turning(service, stopping):
    loops = [asyncio.create_task(loop(stopping)) for loop in service.loops.values()]
    yield
    stopping.set()
    await asyncio.gather(*loops)


async def post(client, key):
    headers = {"authorization": f"Bearer {key}"}
    return await client.post("/v1/inspections", json=inspection(), headers=headers)


async def until_ready(client):
    for _ in range(600):
        if (await client.get("/readyz")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not ready within 30 s")


async def test_a_valid_key_is_told_to_come_back_until_the_registry_was_read(settings):
    async with wire(settings) as service:
        transport = httpx2.ASGITransport(service.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://ingest") as client:
            early, unready = await post(client, KEY.key), await client.get("/readyz")
            async with turning(service, asyncio.Event()):
                await until_ready(client)
                known, stranger = await post(client, KEY.key), await post(client, STRANGER.key)

    assert (early.status_code, early.json()["code"]) == (503, "registry_not_read")
    assert int(early.headers["retry-after"]) > 0
    assert (unready.status_code, set(unready.json()["reasons"])) == (503, {"registry", "kafka"})
    assert (known.status_code, stranger.status_code) == (202, 401)
