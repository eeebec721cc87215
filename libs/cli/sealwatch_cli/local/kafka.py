"""One Kafka node: Apache Kafka on the local JVM, or its official image."""

import hashlib
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import jars, kafka_config
from sealwatch_cli.local.engine import Container
from sealwatch_cli.local.kafka_config import NodePorts
from sealwatch_cli.local.machine import Engine, Jvm
from sealwatch_cli.local.memory import recall, recall_ports, remember
from sealwatch_cli.local.ports import ANY_PORT, Wish, choose_port
from sealwatch_cli.local.probe import kafka_answers
from sealwatch_cli.local.processes import Launch, Register
from sealwatch_cli.local.server import Server
from sealwatch_cli.local.words import last_words

IMAGE = f"apache/kafka:{jars.KAFKA_VERSION}"
_IMAGE_DATA = "/var/lib/kafka/data"


def _say_nothing(_: str) -> None:
    """Keep quiet: tests want no progress lines."""


class Broker(Server):
    """One node that is broker and controller."""

    def __init__(
        self,
        folder: Path,
        source: Jvm | Engine,
        *,
        wish: Wish = ANY_PORT,
        register: Register | None = None,
        say: Callable[[str], None] = _say_nothing,
    ) -> None:
        """Prepare a node in this folder; a fixed port is kept or the start fails."""
        super().__init__(folder, register)
        self._source = source
        self._wish = wish
        self._say = say
        self._ports: NodePorts | None = None

    @property
    def ports(self) -> NodePorts:
        """Return the ports, which are chosen by the first start."""
        if self._ports is None:
            raise Misconfigured("Broker was not started yet")
        return self._ports

    @property
    def bootstrap(self) -> str:
        """Return the address for clients."""
        return self.ports.bootstrap

    def answers(self) -> bool:
        """Return whether the node is listed as a broker."""
        return kafka_answers(self.ports.clients)

    def _prepare(self) -> Launch:
        self._ports = self._choose_ports()
        if isinstance(self._source, Jvm):
            return self._prepare_jvm(self._source)
        return self._prepare_container()

    def _choose_ports(self) -> NodePorts:
        if self._ports is not None:
            return self._ports  # clients know this address
        path = self.folder / "ports.json"
        known = recall_ports(path)
        clients = choose_port(self._wish, known.get("clients"))
        controller = choose_port(ANY_PORT, known.get("controller"))
        remember(path, {"clients": clients, "controller": controller})
        return NodePorts(clients, controller)

    def _prepare_jvm(self, jvm: Jvm) -> Launch:
        libs = jars.fetch(jvm.cache, maven=jvm.maven, register=self.register, say=self._say)
        properties = self.folder / "server.properties"
        logging = self.folder / "log4j2.properties"
        values = kafka_config.settings(self.ports, str(self.folder / "log"))
        properties.write_text(kafka_config.properties_text(values))
        logging.write_text(kafka_config.LOG_SETTINGS)
        flags = kafka_config.java_flags(logging, heap_mb=jvm.heap_mb, quick_start=jvm.quick_start)
        java = [jvm.java, *flags, "-cp", f"{libs}/*"]
        self._format([*java, "kafka.tools.StorageTool"], properties)
        command = [*java, "kafka.Kafka", str(properties)]
        return Launch("kafka", command, self.log, port=self.ports.clients)

    def _format(self, tool: list[str], properties: Path) -> None:
        """Format the log folder once; the mark is written last, before the first record."""
        mark = self.folder / "formatted.json"
        if recall(mark):
            return
        shutil.rmtree(self.folder / "log", ignore_errors=True)
        cluster = kafka_config.cluster_id_of(uuid.uuid4())
        command = [*tool, "format", "--standalone", "-t", cluster, "-c", str(properties)]
        child = self.register.spawn(Launch("kafka-format", command, self.log))
        code = child.process.wait()
        if code != 0:
            raise Misconfigured(
                f"Kafka could not format {self.folder} (code {code}); its log is {self.log}:\n"
                f"{last_words(self.log)}"
            )
        remember(mark, {"cluster": cluster})

    def _prepare_container(self) -> Launch:
        data = self.folder / "log"
        data.mkdir(exist_ok=True)
        data.chmod(0o777)  # the image runs as a user of its own
        container = Container(
            name=f"sealwatch-kafka-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]}",
            image=IMAGE,
            port=(self.ports.clients, self.ports.clients),
            volume=(str(data), _IMAGE_DATA),
            environment=kafka_config.container_environment(self.ports, _IMAGE_DATA),
        )
        container.remove()
        return Launch("kafka", container.command(), self.log, port=self.ports.clients, container=container)
