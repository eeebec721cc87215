"""What runs in a local stack, where it is reached, and what its processes are told."""

import os
import sys
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from secrets import token_bytes

from cryptography.fernet import Fernet

from sealwatch_cli.local.memory import recall, remember
from sealwatch_cli.local.ports import LOOPBACK
from sealwatch_cli.local.processes import RECEIVER, SERVICES

_STACK, _RECEIVED, _RECEIVER_SECRETS, _MAIL = "stack.json", "received.jsonl", "receiver-secrets", "mail"
_SENDER = "Sealwatch <warnings@sealwatch.example>"
_LINK_KEY_BYTES = 32


@dataclass(frozen=True)
class Member:
    """One long-running process; its address is in its environment."""

    name: str
    command: tuple[str, ...]
    port: int
    stage: int = SERVICES


@dataclass(frozen=True)
class Chore:
    """One command that must succeed before the members start."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Everything besides Kafka and PostgreSQL, in the order of starting."""

    chores: tuple[Chore, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True)
class Stack:
    """The addresses and secrets of a stack, kept for the commands that visit it."""

    data: Path
    kafka_bootstrap: str
    database_url: str
    secrets_key: str
    ports: Mapping[str, int]

    def url(self, name: str) -> str:
        """Return the HTTP address of a member."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    @property
    def received(self) -> Path:
        """Return the file into which the local receiver writes what arrived."""
        return self.data / _RECEIVED

    @property
    def mail(self) -> Path:
        """Return the folder in which the local mailbox keeps letters."""
        return self.data / _MAIL

    @property
    def receiver_secrets(self) -> Path:
        """Return the file with the secrets of the receiver's subscriptions, one a line."""
        return self.data / _RECEIVER_SECRETS

    def environment(self, member: str | None = None) -> dict[str, str]:
        """Return what a process of this stack is told, on top of our own environment."""
        told = {
            "PYTHONUNBUFFERED": "1",
            "SEALWATCH_KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "SEALWATCH_KAFKA_PROFILE": "local",
            "SEALWATCH_DATABASE_URL": self.database_url,
            "SEALWATCH_SECRETS_KEY": self.secrets_key,
            "SEALWATCH_ALLOW_PRIVATE_WEBHOOKS": "true",
            "SEALWATCH_REQUESTS_PER_MINUTE": "600000",  # one key sends everything here
            "SEALWATCH_DRAIN_SECONDS": "4",  # inside the time that the supervisor grants
        }
        if "mailbox" in self.ports:
            told |= self._by_mail()
        if member is not None:
            told["SEALWATCH_HTTP_HOST"] = LOOPBACK
            told["SEALWATCH_HTTP_PORT"] = str(self.ports[member])
            told["SEALWATCH_INSTANCE"] = f"{member}-0"
        return {**os.environ, **told}

    def _by_mail(self) -> dict[str, str]:
        """Return how letters leave, and where their links lead."""
        return {
            "SEALWATCH_SMTP_HOST": LOOPBACK,
            "SEALWATCH_SMTP_PORT": str(self.ports["mailbox"]),
            "SEALWATCH_SMTP_SECURITY": "none",  # it never leaves this machine
            "SEALWATCH_MAIL_FROM": _SENDER,
            "SEALWATCH_PUBLIC_URL": self.url("api"),
            "SEALWATCH_LINK_KEYS": link_keys(self.data),
        }

    def save(self) -> None:
        """Write the addresses down for other commands."""
        facts = asdict(self) | {"data": str(self.data)}
        ports = facts.pop("ports")
        remember(self.data / _STACK, facts | {f"port.{name}": port for name, port in ports.items()})


def ports_of(data: Path) -> dict[str, int]:
    """Return the ports of the stack that was started last in this folder; none before the first."""
    known = recall(data / _STACK)
    return {n.removeprefix("port."): int(p) for n, p in known.items() if n.startswith("port.")}


def secrets_key(data: Path) -> str:
    """Return the key that encrypts endpoint secrets in this stack, made once."""
    return _made_once(data, "key", lambda: Fernet.generate_key().decode())


def link_keys(data: Path) -> str:
    """Return the key that signs the links of letters in this stack, made once."""
    return _made_once(data, "links", lambda: f"local:{b64encode(token_bytes(_LINK_KEY_BYTES)).decode()}")


def _made_once(data: Path, name: str, make: Callable[[], str]) -> str:
    memory = data / "secrets.json"
    known = recall(memory)
    if name not in known:
        known = {**known, name: make()}
        remember(memory, known)
    return known[name]


def _sealwatch(*arguments: str) -> tuple[str, ...]:
    """Return the command line of a part of Sealwatch, run by the Python that runs us."""
    return (sys.executable, "-m", "sealwatch_cli.main", *arguments)


def sealwatch_table(data: Path) -> Table:
    """Return the parts of Sealwatch."""
    mail = ("--folder", str(data / _MAIL))
    files = ("--out", str(data / _RECEIVED), "--secret-file", str(data / _RECEIVER_SECRETS))
    return Table(
        chores=(
            Chore("migrate", _sealwatch("migrate")),
            Chore("topics", _sealwatch("topics", "apply")),
        ),
        members=(
            Member("receiver", _sealwatch("local", "receive", *files), 8084, stage=RECEIVER),
            Member("mailbox", _sealwatch("local", "mailbox", *mail), 8025, stage=RECEIVER),
            Member("ingest", _sealwatch("ingest"), 8081),
            Member("scorer", _sealwatch("scorer"), 8082),
            Member("alerts", _sealwatch("alerts"), 8083),
            Member("api", _sealwatch("api"), 8080),
        ),
    )
