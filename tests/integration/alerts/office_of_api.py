"""An office that does by the api what it does: everything real but Kafka."""

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import replace

from aiohttp import web

from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.secrets import Seal
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.endpoints.watch import look
from tests.integration.alerts.office import KEY, Office, listening
from tests.integration.api.doors import opened, parts_on

FORGET = """
truncate alerting.notices, alerting.paces, alerting.decisions, alerting.deliveries, alerting.endpoints,
         alerting.owner_news, registry.subscriptions cascade
"""


class RawReceiver:
    """Takes webhooks as they come: raw bytes and all headers; answers by path."""

    def __init__(self):
        self.took, self.status, self.body = [], {}, b""
        self.hang = asyncio.Event()

    async def answer(self, request):
        self.took.append((request.path, dict(request.headers), await request.read()))
        return web.Response(status=self.status.get(request.path, 200), body=self.body)


class OfficeOfApi(Office):
    """What a department does by the api, and what its endpoints hear."""

    def __init__(self, doors, engine, key, receiver, url):
        super().__init__(engine, doors.watch, receiver, url)
        self.doors, self.key = doors, key
        self.took, self.status = receiver.took, receiver.status
        self.raw = receiver

    async def ask(self, method, path, **body):
        """Ask the api, and return what it says."""
        more = {"json": body} if body else {}
        answer = await self.doors.ask(method, path, self.key, **more)
        return answer.status_code, answer.json() if answer.content else None

    async def subscribe(self, path="/hook", **more):
        """Subscribe an endpoint; return its path in the api, and its secret."""
        wish = {"department": "D", "minimum_level": "low", "url": f"{self.url}{path}", **more}
        _, made = await self.ask("POST", "/v1/subscriptions", **wish)
        return f"/v1/subscriptions/{made['subscription_id']}", made["secret"]

    async def told(self, *changes):
        """Hear of changes and deliver them; return what arrived since."""
        before = len(self.took)
        await self.change(*changes)
        await self.deliver(self.nothing_waits)
        return self.took[before:]

    async def deliver(self, enough, **more):
        """Run the sender until ``enough`` says so; many are delivered here, so patiently."""
        await super().deliver(enough, **{"patience": 20.0, **more})

    async def nothing_waits(self):
        """Return whether nothing is pending."""
        return await self.pending_is(0)()

    async def attempted(self):
        """Return whether something was tried."""
        return await self.attempts_are(1)()

    async def look(self, now):
        """Look how the endpoints stand, as the service does once a minute."""
        async with self.engine.begin() as connection:
            return await look(connection, now)

    async def value(self, sql, *values):
        """Return one value from the tables."""
        return await self.watch.fetchval(sql, *values)

    async def set(self, sql, *values):
        """Change the tables past everything."""
        await self.watch.execute(sql, *values)


def sequences(took):
    """Return which changes arrived, as (product, sequence), in order."""
    told = [json.loads(body)["data"] for *_, body in took]
    return [(data["product_id"], data["sequence"]) for data in told]


@asynccontextmanager
async def tables(postgres):
    """Yield the api, the engine of alerts and a key of the api, on a fresh database."""
    async with opened(postgres, "sealwatch_api") as doors:
        url = doors.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        settings = AlertsSettings(database_url=url, secrets_key=KEY)
        engine = open_engine(settings, "sealwatch_alerts", application="test")
        doors.app.state.parts = replace(parts_on(doors.engine, clock=utc_now), seal=Seal(KEY).seal)
        yield doors, engine, await doors.key()
        await engine.dispose()


@asynccontextmanager
async def office(doors, engine, key):
    """Yield it on empty tables, with endpoints of its own."""
    await doors.watch.execute(FORGET)
    receiver = RawReceiver()
    async with listening(receiver) as url:
        yield OfficeOfApi(doors, engine, key, receiver, url)
