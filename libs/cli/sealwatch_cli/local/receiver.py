"""The local webhook receiver: checks every signature and keeps what arrived, to look into."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from sealwatch.errors import Misconfigured
from sealwatch.shell.clock import Clock
from sealwatch_cli.local.ports import LOOPBACK

_LARGEST_BODY = 1_000_000


def secrets_of(text: str) -> tuple[str, ...]:
    """Return the secrets of a file with one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def is_signed(secrets: tuple[str, ...], headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether one of the secrets signed these very bytes."""
    return any(_signed_by(secret, headers, body) for secret in secrets)


def _signed_by(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):  # ValueError: not even the shape of a signature
        return False
    return True


@dataclass
class Inbox:
    """What arrived, one JSON line each, on disk before the sender hears that it did."""

    out: Path
    secrets: Callable[[], tuple[str, ...]]
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Keep a webhook, also one that is not signed; return whether it is."""
        named = {name.lower(): value for name, value in headers.items()}
        verified = is_signed(self.secrets(), named, body)
        line = {
            "received_at": self.clock().isoformat(),
            "verified": verified,
            "headers": named,
            "body": body.decode(errors="replace"),
        }
        with self._lock, self.out.open("a") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return verified

    def listed(self) -> list[dict[str, object]]:
        """Return everything that arrived, oldest first."""
        if not self.out.exists():
            return []
        return [json.loads(line) for line in self.out.read_text().splitlines()]


def secrets_from(secret: str | None, file: Path | None) -> Callable[[], tuple[str, ...]]:
    """Return a function that reads the file again each time: subscriptions come later than we."""

    def read() -> tuple[str, ...]:
        kept = secrets_of(file.read_text()) if file is not None and file.exists() else ()
        return kept if secret is None else (secret, *kept)

    return read


class Receiver(ThreadingHTTPServer):
    """The receiver on loopback: bound when made, serving when asked to."""

    def __init__(self, inbox: Inbox, port: int) -> None:
        """Listen on this port for this inbox."""
        super().__init__((LOOPBACK, port), _Door)
        self.inbox = inbox


def listening(inbox: Inbox, port: int) -> Receiver:
    """Return a bound receiver, or raise Misconfigured where the port cannot be had."""
    try:
        return Receiver(inbox, port)
    except OSError as error:
        raise Misconfigured(f"port {port}: {error.strerror}; choose another with --port") from None


class _Door(BaseHTTPRequestHandler):
    """POST anywhere delivers; GET /received lists; GET /readyz says ready."""

    protocol_version = "HTTP/1.1"
    server: Receiver

    def do_POST(self) -> None:
        """Take one webhook."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > _LARGEST_BODY:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        verified = self.server.inbox.take(dict(self.headers.items()), self.rfile.read(size))
        self._answer(HTTPStatus.NO_CONTENT if verified else HTTPStatus.UNAUTHORIZED)

    def do_GET(self) -> None:
        """Show what arrived."""
        if self.path == "/received":
            self._answer(HTTPStatus.OK, json.dumps(self.server.inbox.listed()).encode())
        elif self.path == "/readyz":
            self._answer(HTTPStatus.OK)
        else:
            self._answer(HTTPStatus.NOT_FOUND)

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: every webhook is in the file."""
