"""The text of a single Kafka node: properties, JVM flags, log settings. All pure."""

import base64
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sealwatch_cli.local.ports import LOOPBACK


@dataclass(frozen=True)
class NodePorts:
    """Where clients and the controller are reached."""

    clients: int
    controller: int

    @property
    def bootstrap(self) -> str:
        """Return the address for clients."""
        return f"{LOOPBACK}:{self.clients}"


def cluster_id_of(value: UUID) -> str:
    """Return the id in Kafka's spelling; a leading dash would read as an option."""
    text = base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")
    return f"S{text[1:]}" if text.startswith("-") else text


def settings(ports: NodePorts, log_dirs: str, *, host: str = LOOPBACK) -> dict[str, str]:
    """Return the broker's settings for one node that is broker and controller.

    `host` is where the process listens; clients and the controller are told loopback.
    """
    clients = f"PLAINTEXT://{host}:{ports.clients}"
    controller = f"CONTROLLER://{LOOPBACK}:{ports.controller}"
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{ports.controller}",
        "listeners": f"{clients},{controller}",
        "advertised.listeners": f"PLAINTEXT://{ports.bootstrap}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": log_dirs,
        # one node: one copy of everything
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.num.partitions": "1",
        # topics come from `sealwatch topics apply`, never from a typing error
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        # the default buffer of 128 MB is why small heaps die
        "log.cleaner.dedupe.buffer.size": "2097152",
        # with the defaults a broker is refused for 9 s after `kill -9`
        "broker.session.timeout.ms": "1000",
        "broker.heartbeat.interval.ms": "200",
        # the tests' short session timeout
        "group.min.session.timeout.ms": "1000",
    }


def properties_text(values: dict[str, str]) -> str:
    """Return the settings as a Java properties file."""
    return "".join(f"{key}={value}\n" for key, value in values.items())


def container_environment(ports: NodePorts, log_dirs: str) -> dict[str, str]:
    """Return the settings as the environment names that the official image reads.

    The image formats for static voters, and it takes an empty host for "every interface".
    """
    values = settings(ports, log_dirs, host="")
    servers = values.pop("controller.quorum.bootstrap.servers")
    values["controller.quorum.voters"] = f"1@{servers}"
    return {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in values.items()}


def java_flags(log_settings: Path, *, heap_mb: int, quick_start: bool) -> list[str]:
    """Return the JVM flags: a small heap, and by default the compiler that starts quickest."""
    flags = ["-Xms128m", f"-Xmx{heap_mb}m", "-XX:+UseSerialGC", "-Djava.awt.headless=true"]
    flags.append(f"-Dlog4j2.configurationFile={log_settings.as_uri()}")
    return [*flags, "-XX:TieredStopAtLevel=1"] if quick_start else flags


LOG_SETTINGS = """\
status = error
name = sealwatch-local-kafka
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
logger.start.name = kafka.server
logger.start.level = info
"""
