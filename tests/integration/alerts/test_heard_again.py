"""Level changes on a real Kafka, heard by a listener that stops and begins again; chaos kills it."""

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from sealwatch.contracts.codec import Record
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.kafka import GroupConsumer, Publisher, partition_of, read_at
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policies import load_policy
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.hear import Listener
from sealwatch_alerts.strategies import Shelf
from tests.factories import level_change

POLICY = load_policy(None)
COPING = POLICY.coping
PARTITIONS, PRODUCTS, STEPS = 3, 40, 10
LEVELS = ("low", "medium", "high", "serious")
PATIENCE_SECONDS = 60
RECREATED = "topic_recreated: another record stands there"
EVERYTHING = """
select (select count(*) from alerting.notices) as notices,
       (select count(*) from alerting.decisions) as decisions,
       (select count(distinct delivery_id) from alerting.decisions) as carried,
       (select count(*) from alerting.deliveries) as deliveries,
       (select count(*) from alerting.actions) as actions
"""


class Log:
    """A topic of level changes, and the tables of whoever hears them."""

    def __init__(self, bootstrap, engine, watch):
        self.bootstrap, self.engine, self.watch = bootstrap, engine, watch
        self.topic = self.group = ""

    def join(self):
        session = timedelta(seconds=6)
        return GroupConsumer(self.bootstrap, self.topic, self.group, instance="one", session_timeout=session)

    async def tell(self, changes):
        publisher = Publisher(self.bootstrap)
        await publisher.start()
        bodies = [(one.product_id.encode(), one.model_dump_json().encode()) for one in changes]
        await publisher.publish([Record(self.topic, key, body, ()) for key, body in bodies])
        await publisher.stop()

    async def create(self):
        """Make the topic; after the first time another one, in which other records stand."""
        self.topic, self.group = f"changes-{uuid4().hex}", f"alerts-{uuid4().hex}"
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])
        await admin.close()

    @asynccontextmanager
    async def listening(self):
        """Listen meanwhile, then stop between two polls."""
        stopping = asyncio.Event()
        past = partial(read_at, self.bootstrap, self.topic)
        listener = Listener(self.join, self.engine, asyncio.Event(), Shelf(POLICY), past)
        task = asyncio.create_task(listener.run(stopping, utc_now))
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield listener
        stopping.set()
        await task

    async def listen(self, enough):
        """Listen until so many notices are on record."""
        async with self.listening():
            await self.heard(enough)

    async def heard(self, enough):
        while await self.notices() < enough:  # noqa: ASYNC110  # asked of the tables, which have no event
            await asyncio.sleep(0.01)

    async def notices(self):
        return await self.watch.fetchval("select count(*) from alerting.notices")


@pytest.fixture
async def log(kafka, postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = AlertsSettings(database_url=url, secrets_key="unused")
    engine = open_engine(settings, "sealwatch_alerts", application="test")
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    await watch.executemany(
        "insert into registry.subscriptions (subscription_id, organisation_id, department, url, "
        "secret_sealed, minimum_level) values ($1, 'centre', $2, 'https://x.example', '', $3)",
        [(number.to_bytes(16, "big"), f"D{number}", level) for number, level in enumerate((1, 3, 4))],
    )
    made = Log(kafka.bootstrap, engine, watch)
    await made.create()
    yield made
    await watch.close()
    await engine.dispose()


def changes(first, last):
    """Return a walk up and down the levels for each product, interleaved."""
    return [
        level_change(
            f"P{product}", step + 1, LEVELS[step % 4], LEVELS[(step + 1) % 4], enterprise_id=f"E{product}"
        )
        for step in range(first, last)
        for product in range(PRODUCTS)
    ]


async def test_every_change_is_decided_once_though_listening_stops_and_the_log_is_read_again(log):
    for part in range(4):
        await log.tell(changes(2 * part, 2 * part + 2))
        await log.listen(2 * PRODUCTS * part + PRODUCTS)
    await log.listen(8 * PRODUCTS)
    before = await log.watch.fetchrow(EVERYTHING)

    await log.watch.execute("update alerting.positions set next_offset = 0")
    await log.tell(changes(8, STEPS))
    await log.listen(STEPS * PRODUCTS)

    after = await log.watch.fetchrow(EVERYTHING)
    told = await log.watch.fetch("select notice_id, subscription_id from alerting.decisions")
    assert (before["notices"], after["notices"]) == (8 * PRODUCTS, STEPS * PRODUCTS)
    assert max(Counter(map(tuple, told)).values()) == 1
    assert after["decisions"] == 3 * after["notices"]
    assert after["carried"] == after["deliveries"]
    asked = sum(len(coping.actions) * PRODUCTS * reached for coping, reached in reached_levels())
    assert after["actions"] == asked


async def test_a_log_made_anew_that_has_grown_past_our_place_is_told_and_not_passed_over(log):
    await log.tell(changes(0, 2))
    await log.listen(2 * PRODUCTS)
    await log.create()
    await log.tell(changes(2, 8))

    async with log.listening() as listener:
        why = await halted(listener)

    assert why == "; ".join(f"partition {p} halted: {RECREATED}" for p in range(PARTITIONS))
    assert await log.notices() == 2 * PRODUCTS


async def test_only_the_partition_with_another_record_stands_until_its_place_is_let_go(log):
    await log.tell(changes(0, 2))
    await log.listen(2 * PRODUCTS)
    await log.watch.execute("update alerting.positions set last_digest = '' where partition = 1")
    standing = sum(partition_of(f"P{n}".encode(), PARTITIONS) == 1 for n in range(PRODUCTS))
    await log.tell(changes(2, 4))

    async with log.listening() as listener:
        await log.heard(4 * PRODUCTS - 2 * standing)
        why = await listener.ready()
    await log.watch.execute("delete from alerting.positions where partition = 1")
    await log.listen(4 * PRODUCTS)

    assert why == f"partition 1 halted: {RECREATED}"
    assert await log.notices() == 4 * PRODUCTS


async def halted(listener):
    """Return why partitions stand still, once the log was taken over."""
    while "halted" not in (why := await listener.ready() or ""):  # noqa: ASYNC110  # no event says so
        await asyncio.sleep(0.01)
    return why


def reached_levels():
    """Return how often a product's walk reaches each level."""
    counted = Counter(LEVELS[(step + 1) % 4] for step in range(STEPS))
    return [(COPING[level], counted[level.word]) for level in COPING]
