from pathlib import Path
from uuid import UUID

import pytest

from sealwatch_cli.local.kafka_config import (
    NodePorts,
    cluster_id_of,
    container_environment,
    java_flags,
    properties_text,
    settings,
)

PORTS = NodePorts(clients=29_092, controller=29_093)


@pytest.mark.parametrize(
    "line",
    [
        "listeners=PLAINTEXT://127.0.0.1:29092,CONTROLLER://127.0.0.1:29093",
        "advertised.listeners=PLAINTEXT://127.0.0.1:29092",
        "controller.quorum.bootstrap.servers=127.0.0.1:29093",
        "log.dirs=/data/log",
        "auto.create.topics.enable=false",
        "broker.session.timeout.ms=1000",
        "group.min.session.timeout.ms=1000",
    ],
)
def test_the_properties_say(line):
    text = properties_text(settings(PORTS, "/data/log"))

    assert line in text.splitlines()


def test_a_container_listens_beyond_loopback_and_has_static_voters():
    environment = container_environment(PORTS, "/d")

    assert environment["KAFKA_LISTENERS"].startswith("PLAINTEXT://:29092,")
    assert environment["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://127.0.0.1:29092"
    assert environment["KAFKA_CONTROLLER_QUORUM_VOTERS"] == "1@127.0.0.1:29093"
    assert "KAFKA_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS" not in environment


@pytest.mark.parametrize("value", [UUID(int=0xF8 << 120), UUID(int=1), UUID(int=(1 << 128) - 1)])
def test_a_cluster_id_has_22_characters_and_never_reads_as_an_option(value):
    text = cluster_id_of(value)

    assert len(text) == 22
    assert not text.startswith("-")


def test_a_benchmark_may_ask_for_the_full_compiler():
    flags = java_flags(Path("/l"), heap_mb=512, quick_start=False)

    assert "-Xmx512m" in flags
    assert "-XX:TieredStopAtLevel=1" not in flags
