"""The way by e-mail on a real PostgreSQL and a real mail server, with the api that its links lead to."""

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import date, timedelta

import asyncpg
import httpx2
from cryptography.fernet import Fernet

from sealwatch.contracts.codec import Received
from sealwatch.contracts.links import LinkKeys
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policies import load_policy
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.channels.email import MailChannel, MailServer
from sealwatch_alerts.deliver import Sender
from sealwatch_alerts.hear import hear
from sealwatch_alerts.mail.letter import Paper
from sealwatch_alerts.mailing.asking import Registrar
from sealwatch_alerts.mailing.carrier import Desk, Letters
from sealwatch_alerts.strategies import Shelf
from sealwatch_api.app import create_app
from tests.integration.api.doors import parts_on
from tests.mailserver import Post, serving

POLICY = load_policy(None)
KEYS = LinkKeys("k", {"k": b"k" * 32})
PUBLIC = "https://watch.example"
DESK = Desk(Paper("Sealwatch <warnings@centre.example>", "centre.example"), KEYS, PUBLIC, Shelf(POLICY))
FORGET = """
truncate alerting.notices, alerting.paces, alerting.decisions, alerting.mailboxes, alerting.digest_leavers,
         registry.subscriptions, registry.products cascade
"""
SUBSCRIBE = """
insert into registry.subscriptions (subscription_id, organisation_id, department, channel, address, digest,
                                    minimum_level, language)
values ($1, 'centre', 'Dep', 'email', $2, $3, $4, $5)
"""


class Letterbox:
    """Changes in, letters out, links followed; ``later`` moves the clock of all parts."""

    def __init__(self, engine, watch, post, port, http):
        self.engine, self.watch, self.post, self.http = engine, watch, post, http
        self.port, self.later = port, timedelta(0)
        server = MailServer("127.0.0.1", port, "none", "bounces@centre.example", "centre.example", 2.0)
        self.channel = MailChannel(server)
        self.registrar = Registrar(engine, self.channel, DESK, self.clock)
        self.pace = 10

    def clock(self):
        return utc_now() + self.later

    async def subscribe(self, number=1, address="duty@dep.example", *, digest=False, level=1, language="en"):
        await self.watch.execute(SUBSCRIBE, number.to_bytes(16, "big"), address, digest, level, language)

    async def confirmed(self, **subscription):
        """Subscribe an address and let it say yes, without a letter."""
        await self.subscribe(**subscription)
        await self.registrar.turn()
        await self.watch.execute("update alerting.mailboxes set confirmed_at = now() - interval '1 h'")
        self.post.letters.clear()

    async def change(self, *changes):
        values = [one.model_dump_json().encode() for one in changes]
        records = [Received("t", 0, n, 0, b"P1", value, ()) for n, value in enumerate(values)]
        async with self.engine.begin() as connection:
            await hear(connection, records, self.clock(), Shelf(POLICY))

    def letters(self):
        return Letters(self.channel, DESK, self.pace)

    async def deliver(self, enough, patience=8.0):
        """Run the sender until ``enough`` says so."""
        sender, stopping = Sender(self.engine, self.letters(), self.clock), asyncio.Event()
        loops = [asyncio.create_task(loop(stopping)) for loop in (sender.run, sender.record)]
        try:
            async with asyncio.timeout(patience):
                while not await enough():  # noqa: ASYNC110  # asked of the tables, which have no event
                    await asyncio.sleep(0.02)
        finally:
            stopping.set()
            await asyncio.gather(*loops)

    def counts(self, **wanted):
        """Return a question: whether deliveries stand in these states."""

        async def told():
            rows = await self.watch.fetch("select state, count(*) from alerting.deliveries group by state")
            return dict(rows) == wanted

        return told

    async def states(self):
        return [tuple(row) for row in await self.watch.fetch("select state, reason from alerting.deliveries")]

    async def mailbox(self):
        return await self.watch.fetchrow("select * from alerting.mailboxes")

    def link(self, letter, place=0):
        """Return the path of a link in a letter."""
        text = letter.get_body(("plain",)).get_content()
        return re.findall(re.escape(PUBLIC) + r"(/mail/\S+)", text)[place]


@asynccontextmanager
async def tables(postgres):
    """Yield the engines of alerts and api, and a look past row-level security, on a fresh database."""
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = AlertsSettings(database_url=url, secrets_key=Fernet.generate_key().decode())
    engine, door = (
        open_engine(settings, f"sealwatch_{role}", application="test") for role in ("alerts", "api")
    )
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    yield engine, door, watch
    await watch.close()
    await engine.dispose()
    await door.dispose()


@asynccontextmanager
async def letterbox(engine, door, watch):
    """Yield the way by e-mail on empty tables, with a mail server of its own."""
    await watch.execute(FORGET)
    post = Post()
    transport = httpx2.ASGITransport(app=create_app(parts_on(door, link_keys=KEYS, clock=utc_now)))
    async with serving(post) as port, httpx2.AsyncClient(transport=transport, base_url=PUBLIC) as http:
        box = Letterbox(engine, watch, post, port, http)
        yield box
        await box.channel.close()
