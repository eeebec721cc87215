"""One broker for the tests of the running scorer: the product has one evidence topic."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import Machine, choose_kafka
from sealwatch_cli.local.processes import Register
from tests.integration.scorer.rig import Rig


@pytest.fixture(scope="session")
def evidence_kafka(machine: Machine, servers: tuple[Path, Register]) -> Iterator[str]:
    """Yield the address of a broker that belongs to these tests."""
    broker = Broker(servers[0] / "kafka-evidence", choose_kafka(machine, None), register=servers[1])
    broker.start()
    yield broker.bootstrap
    broker.stop()


@pytest.fixture
async def rig(evidence_kafka, postgres, tmp_path):
    """Yield a scorer's surroundings; the test starts it."""
    made = Rig(evidence_kafka, postgres.fresh(), tmp_path)
    await made.begin()
    yield made
    await made.close()
