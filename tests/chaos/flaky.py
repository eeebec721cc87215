"""Endpoints that fail at random: a status, silence, a reset, a slow yes; what they took is kept."""

import asyncio
import json
import random
from collections import Counter

import asyncpg
from aiohttp import web
from standardwebhooks import Webhook

from sealwatch.shell.secrets import Seal
from tests.chaos.department import KEY, SECRET

MOODS = ("take", "take", "take", "refuse", "hang", "reset", "slow")
SLOW_SECONDS = 0.2


class Flaky:
    """Endpoints by number, and what each took: (change, webhook-id)."""

    def __init__(self, count: int) -> None:
        self.count, self.took, self.moods = count, [], Counter()
        self._random = random.Random(20261125)  # noqa: S311  # a replayable run, not a secret
        self._ends = asyncio.Event()

    async def open(self) -> web.AppRunner:
        """Listen on loopback."""
        app = web.Application()
        app.router.add_post("/{number}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    async def close(self, runner: web.AppRunner) -> None:
        """Let go of whoever still waits."""
        self._ends.set()
        await runner.cleanup()

    async def subscribe(self, watch: asyncpg.Connection) -> None:
        """Subscribe each endpoint to everything."""
        await watch.execute("insert into registry.organisations (organisation_id, name) values ('C', 'C')")
        for number in range(self.count):
            await watch.execute(
                "insert into registry.subscriptions (subscription_id, organisation_id, department, url, "
                "secret_sealed, minimum_level) values ($1, 'C', $2, $3, $4, 1)",
                number.to_bytes(16, "big"), f"D{number}", f"{self._url}/{number}",
                Seal(KEY).seal(SECRET.encode()),
            )  # fmt: skip

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        mood = self._random.choice(MOODS)
        self.moods[mood] += 1
        if mood == "hang":
            await self._ends.wait()
        if mood == "reset":
            request.transport.abort()
        if mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if mood not in ("take", "slow"):
            return web.Response(status=503)
        Webhook(SECRET).verify(body, dict(request.headers))
        told = json.loads(body)["data"]["change_id"], request.match_info["number"]
        self.took.append((told, request.headers["webhook-id"]))
        return web.Response(status=204)
