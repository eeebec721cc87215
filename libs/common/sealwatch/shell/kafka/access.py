"""How Kafka is reached: the address, and how the connection is encrypted and authenticated."""

import ssl
from dataclasses import dataclass, field
from typing import Any

from sealwatch.errors import Misconfigured
from sealwatch.shell.settings import ProcessSettings


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that a client needs to connect."""

    bootstrap: str
    protocol: str = "PLAINTEXT"
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = field(default=None, repr=False)


Where = str | Access
"""Where Kafka is; an address alone is spoken to in plain text."""


def access_of(settings: ProcessSettings) -> Access:
    """Return how this process reaches Kafka, or raise Misconfigured where its authorities cannot be read."""
    password = settings.kafka_password
    return Access(
        bootstrap=settings.kafka_bootstrap,
        protocol=settings.kafka_security_protocol,
        tls=_trusting(settings.kafka_ca_file) if settings.kafka_security_protocol.endswith("SSL") else None,
        mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=None if password is None else password.get_secret_value(),
    )


def address_of(where: Where) -> str:
    """Return the address alone, for people to read."""
    return where if isinstance(where, str) else where.bootstrap


def options(where: Where) -> dict[str, Any]:
    """Return what every client of the library is told of the connection."""
    access = Access(where) if isinstance(where, str) else where
    told: dict[str, Any] = {
        "bootstrap_servers": access.bootstrap,
        "security_protocol": access.protocol,
        "ssl_context": access.tls,
    }
    if access.protocol.startswith("SASL"):
        told |= {
            "sasl_mechanism": access.mechanism,
            "sasl_plain_username": access.username,
            "sasl_plain_password": access.password,
        }
    return told


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that checks name and certificate, against these authorities or the system's."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise Misconfigured(
            f"SEALWATCH_KAFKA_CA_FILE: {ca_file} holds no readable certificates: {error.strerror or error}"
        ) from None
