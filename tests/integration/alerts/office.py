"""A department that subscribes, its receiver, and the warnings that serve it, all real."""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager

from aiohttp import web
from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from sealwatch.contracts.codec import Received
from sealwatch.shell.clock import utc_now
from sealwatch.shell.policies import load_policy
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.secrets import Seal
from sealwatch_alerts.carriers import Webhooks
from sealwatch_alerts.channels.webhook import Reach, WebhookChannel, open_session
from sealwatch_alerts.deliver import Sender
from sealwatch_alerts.hear import hear
from sealwatch_alerts.strategies import Shelf

SECRET = "whsec_" + "QUJD" * 8
KEY = Fernet.generate_key().decode()
POLICY = load_policy(None)
TOPIC = "sealwatch.level-changes.v1"


class Receiver:
    """A department's endpoint: answers with the next status of a path, the last one for ever."""

    def __init__(self):
        self.plan: dict[str, list[int]] = {}
        self.took: list[tuple[str, str, dict]] = []
        self.hang = asyncio.Event()
        self.body = b""

    async def answer(self, request):
        body = await request.read()
        Webhook(SECRET).verify(body, dict(request.headers))
        self.took.append((request.path, request.headers["webhook-id"], json.loads(body)))
        statuses = self.plan.get(request.path, [204])
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if status == 0:
            await self.hang.wait()
        return web.Response(status=status or 504, headers={"location": "/elsewhere"}, body=self.body)

    def paths(self):
        return Counter(path for path, *_ in self.took)


@asynccontextmanager
async def listening(receiver):
    """Let a receiver answer on loopback; yield its address."""
    app = web.Application()
    app.router.add_post("/{rest:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    receiver.hang.set()
    await runner.cleanup()


class Office:
    """The service without Kafka: changes in, webhooks out, and a look at the tables."""

    def __init__(self, engine, watch, receiver, url):
        self.engine, self.watch, self.receiver, self.url = engine, watch, receiver, url
        self.seal, self.shelf = Seal(KEY), Shelf(POLICY)

    async def subscribe(self, path="/hook", number=1, url=None, **columns):
        row = {"minimum_level": 1, "language": "en", "regions": None, **columns}
        await self.watch.execute(
            "insert into registry.subscriptions (subscription_id, organisation_id, department, url, "
            "secret_sealed, minimum_level, language, regions) values ($1, 'centre', 'D', $2, $3, $4, $5, $6)",
            number.to_bytes(16, "big"), url or f"{self.url}{path}", self.seal.seal(SECRET.encode()),
            row["minimum_level"], row["language"], row["regions"],
        )  # fmt: skip

    async def publish(self, version, **coping):
        """Write a published policy that differs from the shipped one in what is to be done."""
        said = {word: {"owner": "Desk", "deadline": "at once", "audience": [], "actions": [text]}
                for word, text in coping.items()}  # fmt: skip
        document = load_version().document
        own = {"version": version, "effective_from": "2030-01-01", "coping": {**document["coping"], **said}}
        await self.watch.execute(
            "insert into registry.policies (version, document, digest, effective_from, author, created_at, "
            "state, published_by, published_at, publication) values ($1, $2, $3, '2030-01-01', 'centre/a', "
            "now(), 'published', 'centre/b', now(), 1)",
            version, json.dumps({**document, **own}), "0" * 64,
        )  # fmt: skip

    async def hear(self, *values):
        records = [Received(TOPIC, 0, n, 0, b"P1", value, ()) for n, value in enumerate(values)]
        async with self.engine.begin() as connection:
            await hear(connection, records, utc_now(), self.shelf)

    async def change(self, *changes):
        await self.hear(*(change.model_dump_json().encode() for change in changes))

    async def deliver(self, enough, *, allow_private=True, seconds=2.0, patience=8.0):
        """Run the sender until ``enough`` says so."""
        await self.deliver_within(
            Reach(allow_private=allow_private, timeout_seconds=seconds), enough, patience
        )

    async def deliver_within(self, reach, enough, patience=8.0):
        """Run the sender, for what may be reached, until ``enough`` says so."""
        async with open_session(reach) as session:
            channel = WebhookChannel(session, utc_now, reach)
            sender = Sender(self.engine, Webhooks(channel, self.seal, self.shelf), utc_now)
            stopping = asyncio.Event()
            loops = [asyncio.create_task(sender.run(stopping)), asyncio.create_task(sender.record(stopping))]
            async with asyncio.timeout(patience):
                while not await enough():  # noqa: ASYNC110  # asked of the tables, which have no event
                    await asyncio.sleep(0.02)
            stopping.set()
            self.receiver.hang.set()
            await asyncio.gather(*loops)

    async def hurry(self):
        """Let every retry be due now."""
        await self.watch.execute(
            "update alerting.deliveries set next_attempt_at = now() - interval '1 s' where state = 'pending'"
        )

    async def states(self):
        found = await self.watch.fetch("select state, reason from alerting.deliveries order by sequence, 1")
        return [(row["state"], row["reason"]) for row in found]

    async def attempts(self):
        found = await self.watch.fetch("select number, status, outcome from alerting.attempts order by 1")
        return [tuple(row) for row in found]

    def pending_is(self, count):
        async def told():
            sql = "select count(*) from alerting.deliveries where state = 'pending'"
            return await self.watch.fetchval(sql) == count

        return told

    def attempts_are(self, count):
        async def told():
            return await self.watch.fetchval("select count(*) from alerting.attempts") >= count

        return told
