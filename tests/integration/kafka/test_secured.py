"""TLS and a login against a real listener of a broker that asks for both."""

import asyncio
from datetime import timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sealwatch.contracts.codec import Record
from sealwatch.contracts.topics import REGISTRY, TOPICS
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.clock import utc_now
from sealwatch.shell.kafka import Cluster, Publisher, Tailer, access_of
from sealwatch.shell.kafka.clusters import Plan
from sealwatch.shell.settings import TopicsSettings, load
from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import Jvm, choose_kafka
from sealwatch_cli.local.ports import free_port

PASSWORD = "only for this test"  # noqa: S105  # a broker that lives for seconds
LISTENER = """
listeners=PLAINTEXT://127.0.0.1:{clients},CONTROLLER://127.0.0.1:{controller},SASL_SSL://127.0.0.1:{secured}
advertised.listeners=PLAINTEXT://127.0.0.1:{clients},SASL_SSL://127.0.0.1:{secured}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=\\
  org.apache.kafka.common.security.plain.PlainLoginModule required user_sealwatch="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keys}
"""


class Secured(Broker):
    """A broker with one more listener, which asks for TLS and a login."""

    def _prepare(self):
        launch = super()._prepare()
        self.secured = free_port()
        keys, self.ca = self.folder / "keys.pem", self.folder / "ca.pem"
        key, certificate = signed_by_itself()
        keys.write_bytes(key + certificate)
        self.ca.write_bytes(certificate)
        ports = {"clients": self.ports.clients, "controller": self.ports.controller}
        with (self.folder / "server.properties").open("a") as settings:  # the later line of two counts
            settings.write(LISTENER.format(**ports, secured=self.secured, keys=keys, password=PASSWORD))
        return launch

    def reached(self, **other):
        """Return how a process reaches the listener by its settings."""
        told = {
            "BOOTSTRAP": f"127.0.0.1:{self.secured}",
            "SECURITY_PROTOCOL": "SASL_SSL",
            "CA_FILE": str(self.ca),
            "SASL_MECHANISM": "PLAIN",
            "USERNAME": "sealwatch",
            "PASSWORD": PASSWORD,
            **other,
        }
        return access_of(load(TopicsSettings, {f"SEALWATCH_KAFKA_{n}": v for n, v in told.items() if v}))


def signed_by_itself():
    """Return a new key and its certificate for loopback."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a broker of a test")])
    now = utc_now()
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    return (
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        made.public_bytes(serialization.Encoding.PEM),
    )


@pytest.fixture(scope="module")
def broker(servers, machine):
    source = choose_kafka(machine, None)
    assert isinstance(source, Jvm)
    made = Secured(servers[0] / "secured-kafka", source)
    made.start()
    yield made
    made.stop()


async def test_topics_are_made_and_records_go_and_come_over_tls_with_a_login(broker):
    made = await Cluster(broker.reached()).apply(Plan.of("local"))
    publisher, tailer = Publisher(broker.reached()), Tailer(broker.reached(), REGISTRY.name)

    await publisher.start()
    await publisher.publish([Record(REGISTRY.name, b"k", b"{}", ())])
    await tailer.start()
    async with asyncio.timeout(20):
        while not (found := await tailer.poll()):
            pass
    await tailer.stop()
    await publisher.stop()

    assert made == [topic.name for topic in TOPICS]
    assert [(record.key, record.value) for record in found] == [(b"k", b"{}")]


@pytest.mark.parametrize(
    "other",
    [
        {"PASSWORD": "wrong"},
        {"CA_FILE": ""},
        {"SECURITY_PROTOCOL": "SSL", "USERNAME": "", "PASSWORD": ""},
        {"SECURITY_PROTOCOL": "PLAINTEXT", "CA_FILE": "", "USERNAME": "", "PASSWORD": ""},
    ],
    ids=["wrong password", "unknown authority", "no login", "plain text"],
)
async def test_whoever_says_it_wrong_gets_no_answer_within_the_deadline(broker, other):
    with pytest.raises(BrokerUnavailable):
        await Cluster(broker.reached(**other)).apply(Plan.of("local"), patience=1.0)
