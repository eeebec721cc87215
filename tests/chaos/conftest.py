"""A broker for each test: the product has one evidence topic, and its name is not a setting."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import Machine, choose_kafka
from sealwatch_cli.local.processes import Register
from tests.chaos.harness import PRODUCT, Harness
from tests.chaos.intake import Door


@pytest.fixture
def own_broker(machine: Machine, servers: tuple[Path, Register], tmp_path: Path) -> Iterator[Broker]:
    """Yield a fresh broker that the test may kill and freeze."""
    broker = Broker(servers[0] / f"kafka-{tmp_path.name}", choose_kafka(machine, None), register=servers[1])
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def own_kafka(own_broker: Broker) -> str:
    """Return the address of a fresh broker."""
    return own_broker.bootstrap


@pytest.fixture
async def harness(own_kafka, postgres, tmp_path, request):
    """Yield the processes of one test on a fresh broker and a fresh database."""
    made = Harness(own_kafka, postgres.fresh(), tmp_path, getattr(request, "param", PRODUCT))
    await made.prepare()
    yield made
    await made.close()


@pytest.fixture
async def door(harness, own_broker, request):
    """Yield an intake that serves, with senders before it."""
    made = Door(harness, own_broker, getattr(request, "param", ("sealwatch_ingest",)))
    await made.open()
    yield made
    await made.close()
