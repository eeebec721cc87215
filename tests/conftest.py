"""Real servers for the whole run, and a guard that keeps sockets out of the unit tests.

A missing server fails the tests that need it: a skip would hide that a promise went unproven.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import (
    DATABASE_VARIABLE,
    KAFKA_VARIABLE,
    Given,
    Machine,
    choose_kafka,
    choose_postgres,
    look_around,
)
from sealwatch_cli.local.postgres import Database
from sealwatch_cli.local.processes import Register
from sealwatch_cli.local.scratch import scratch
from tests.servers import KafkaServer, PostgresServer

UNIT = Path(__file__).parent / "unit"
_INTERNET = {socket.AF_INET, socket.AF_INET6}
_guard = {"closed": False}
Made = TypeVar("Made")


def _refuse_sockets(event: str, arguments: tuple[object, ...]) -> None:
    if _guard["closed"] and event in {"socket.connect", "socket.bind"}:
        link = arguments[0]
        if isinstance(link, socket.socket) and link.family in _INTERNET:
            raise RuntimeError(f"a unit test reached for the network: {event} {arguments[1]}")


sys.addaudithook(_refuse_sockets)


@pytest.fixture(autouse=True)
def _no_sockets_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    _guard["closed"] = request.path.is_relative_to(UNIT)
    yield
    _guard["closed"] = False


@pytest.fixture(scope="session")
def machine() -> Machine:
    """Return what this machine can run."""
    return look_around(os.environ)


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[Path, Register]]:
    """Lend the folder in which servers of this run live; it goes when the run ends."""
    with scratch() as place:
        yield place


@pytest.fixture(scope="session")
def kafka(machine: Machine, servers: tuple[Path, Register]) -> Iterator[KafkaServer]:
    """Yield a real broker: the given one, else one started here."""
    source = _or_fail(lambda: choose_kafka(machine, os.environ.get(KAFKA_VARIABLE)))
    with ExitStack() as ends:
        if isinstance(source, Given):
            yield KafkaServer(source.address)
            return
        broker = Broker(servers[0] / "kafka", source, register=servers[1])
        ends.callback(broker.stop)
        _or_fail(broker.start)
        yield KafkaServer(broker.bootstrap)


@pytest.fixture(scope="session")
def postgres(machine: Machine, servers: tuple[Path, Register]) -> Iterator[PostgresServer]:
    """Yield a real PostgreSQL: the given one, else one started here."""
    source = _or_fail(lambda: choose_postgres(machine, os.environ.get(DATABASE_VARIABLE)))
    with ExitStack() as ends:
        if isinstance(source, Given):
            url = source.address
        else:
            database = Database(servers[0] / "postgres", source, register=servers[1])
            ends.callback(database.stop)
            _or_fail(database.start)
            url = database.url
        server = PostgresServer(url)
        ends.callback(server.drop_all)
        yield server


def _or_fail(act: Callable[[], Made]) -> Made:
    try:
        return act()
    except Misconfigured as reason:
        pytest.fail(str(reason))
