"""A department's endpoints: every webhook is checked and kept; one endpoint is moody."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
from aiohttp import web
from cryptography.fernet import Fernet

from sealwatch.shell.clock import utc_now
from sealwatch.shell.secrets import Seal
from sealwatch_cli.local.receiver import Inbox

SECRET = "whsec_" + "QUJD" * 8  # the tests' own
KEY = Fernet.generate_key().decode()
MOODY = "moody"
SINGLY = """
insert into registry.routing_rules (organisation_id, window_seconds, most_messages, repeat_seconds,
    inhibit_products,
    inhibit_seconds, silence_products, recorded_at, recorded_by)
values ($1, 60, 1000, 0, 100000, 60, 1, now(), 'x')
"""
MOODS = 3  # refusals, after which a later change may overtake


@dataclass
class Department:
    """Its endpoints by path, and what arrived at each."""

    folder: Path
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    async def open(self) -> web.AppRunner:
        """Listen on loopback; the port is in ``url``."""
        app = web.Application()
        app.router.add_post("/{path}", self._take)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def subscribe(self, watch: asyncpg.Connection, path: str, minimum_level: int) -> None:
        """Write a subscription of an organisation of its own; for the moody one nothing gathers."""
        self.inboxes[path] = Inbox(self.folder / f"{path}.jsonl", lambda: (SECRET,), utc_now)
        await watch.execute(
            "insert into registry.organisations (organisation_id, name) values ($1, 'C')", path
        )
        if path == MOODY:
            await watch.execute(SINGLY, path)
        await watch.execute(
            "insert into registry.subscriptions (subscription_id, organisation_id, department, url, "
            "secret_sealed, minimum_level) values ($1, $2, $2, $3, $4, $5)",
            subscription_id(path), path, f"{self.url}/{path}", Seal(KEY).seal(SECRET.encode()), minimum_level,
        )  # fmt: skip

    async def _take(self, request: web.Request) -> web.Response:
        path, body = request.match_info["path"], await request.read()
        if path == MOODY and self._refuses(request.headers["webhook-id"], body):
            return web.Response(status=503)
        verified = self.inboxes[path].take(dict(request.headers), body)
        return web.Response(status=204 if verified else 401)

    def _refuses(self, webhook_id: str, body: bytes) -> bool:
        """Refuse every second change of a product until the next one could overtake it."""
        self.refused[webhook_id] += json.loads(body)["data"].get("sequence", 1) % 2 == 0
        return 0 < self.refused[webhook_id] <= MOODS

    def received(self, path: str) -> list[dict]:
        """Return what arrived and was accepted, oldest first."""
        return [line | {"told": json.loads(line["body"])["data"]} for line in self.inboxes[path].listed()]


def subscription_id(path: str) -> bytes:
    """Return the id of the subscription of an endpoint."""
    return path.encode().ljust(16, b"\0")
