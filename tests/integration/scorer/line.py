"""A running scorer on a topic of its own, with the api beside it on the same database."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date, timedelta
from functools import partial
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.structs import TopicPartition

from sealwatch.errors import OutOfRange
from sealwatch.shell import outbox
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.kafka import GroupConsumer, Publisher, read_at
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.settings import ApiSettings, ScorerSettings
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.policies import alone
from sealwatch_scorer.run import Runner
from sealwatch_scorer.store import PostgresStore
from tests.integration.api.doors import Doors

BASE = load_version()
POLICY = BASE.policy
PATIENCE_SECONDS = 150  # a broker waits a minute for a member that has gone without a word
TABLES = (
    "positions", "seen", "events", "tombstones", "product_state", "level_changes", "outbox", "quarantine",
    "dead_letters",
)  # fmt: skip
SCORING = ", ".join(f"scoring.{name}" for name in TABLES)
SESSION = timedelta(seconds=6)
POLL = timedelta(milliseconds=50)


class CountingStore(PostgresStore):
    """Counts the transactions that were begun."""

    begun = 0

    def begin(self):
        self.begun += 1
        return super().begin()


class Line:
    """Kafka, PostgreSQL and a scorer in this process; the test says when it scores."""

    def __init__(self, bootstrap, url):
        self.bootstrap, self.url, self.topic = bootstrap, url, ""
        self.publisher, self.admin = Publisher(bootstrap), AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        settings = {"database_url": url}
        self.engine = open_engine(ScorerSettings(**settings), "sealwatch_scorer", application="test")
        api = ApiSettings(**settings, secrets_key="unused")
        self.api_engine = open_engine(api, "sealwatch_api", application="test")

    async def open(self):
        await migrate(self.url, date(2026, 3, 1))
        self.watch = await asyncpg.connect(self.url)
        self.doors = Doors(self.api_engine, self.watch)
        await self.admin.start()
        await self.publisher.start()

    async def begin(self, partitions):
        """Take a new topic, and know nothing of what earlier tests did."""
        self.topic = f"evidence-{uuid4().hex}"
        self.store = CountingStore(self.engine, self.topic)
        await self.admin.create_topics([NewTopic(self.topic, partitions, 1)])
        await self.watch.execute("truncate registry.outbox, " + SCORING)

    async def close(self):
        await self.doors.http.aclose()
        await self.publisher.stop()
        await self.admin.close()
        await self.watch.close()
        await self.engine.dispose()
        await self.api_engine.dispose()

    async def send(self, *records):
        await self.publisher.publish([record._replace(topic=self.topic) for record in records])

    async def send_in_a_transaction(self, record):
        """Leave an offset behind the record that no reader ever sees: the marker of its end."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=self.topic)
        await producer.start()
        async with producer.transaction():
            await producer.send_and_wait(
                self.topic, record.value, record.key, 0, headers=list(record.headers)
            )
        await producer.stop()
        await self._ends_at(2)  # the broker answers before it has written the marker

    async def _ends_at(self, offset):
        place = TopicPartition(self.topic, 0)
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap) as consumer:

            async def ended():
                return (await consumer.end_offsets([place]))[place] == offset

            await until(ended)

    async def cut_before(self, offset):
        await self.admin.delete_records({TopicPartition(self.topic, 0): RecordsToDelete(offset)})

    async def stand_at(self, offset, last_digest=None):
        """Let the database say that everything before this offset was committed."""
        await self.watch.execute(
            "insert into scoring.positions (topic, partition, next_offset, last_offset, last_digest) "
            "values ($1, 0, $2, $3, $4)",
            self.topic, offset, offset - 1 if last_digest else None, last_digest,
        )  # fmt: skip

    @asynccontextmanager
    async def scoring(self, policies=None):
        """Score until the block ends."""
        read = partial(read_at, self.bootstrap, self.topic)
        runner = Runner(self._join, self.store, policies or alone(BASE), Memory(1_000), read)
        stopping = asyncio.Event()
        task = asyncio.create_task(runner.run(stopping, utc_now))
        try:
            yield runner
        finally:
            stopping.set()
            await task

    async def polled(self, positions, count):
        """Read on from these positions; return the partitions with a gap, and so many records of others."""
        gaps, read, consumer = set(), [], self._join()
        await consumer.start()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not consumer.assigned:
                await consumer.poll(count, POLL)
            consumer.seek(positions)
            while not gaps or len(read) < count:
                try:
                    read += await consumer.poll(count, POLL)
                except OutOfRange as error:
                    gaps |= error.partitions
                    consumer.pause(gaps)
        await consumer.stop()
        return gaps, read

    async def scored_to(self, offset, partition=0):
        """Score until everything before this offset is committed."""
        async with self.scoring():
            await self.reaches(offset, partition)

    async def reaches(self, offset, partition=0):
        async def reached():
            return await self.position(partition) == offset

        await until(reached)

    async def halts(self, runner, words):
        async def halted():
            return words in (await runner.ready() or "")

        await until(halted)

    async def position(self, partition=0):
        return await self.watch.fetchval(
            "select next_offset from scoring.positions where topic = $1 and partition = $2",
            self.topic, partition,
        )  # fmt: skip

    async def letters(self):
        return await self.watch.fetch('select * from scoring.dead_letters order by partition, "offset"')

    async def told(self):
        """Return the records that go to the topic of dead letters."""
        return await self.watch.fetch(
            "select key, value, headers from scoring.outbox where topic = 'sealwatch.dead-letters.v1' "
            "order by outbox_id"
        )

    async def count(self, table):
        return await self.watch.fetchval(f"select count(*) from scoring.{table}")  # noqa: S608  # our own names

    async def relayed(self):
        """Relay what the api has to tell, but only to the topic of this test."""
        await self.watch.execute(
            "update registry.outbox set sent_at = now() where topic <> $1 and sent_at is null", self.topic
        )
        return await outbox.relay_once(self.api_engine, "registry", self.publisher.publish)

    def _join(self):
        return GroupConsumer(self.bootstrap, self.topic, self.topic, instance="one", session_timeout=SESSION)


async def until(check):
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await check():  # noqa: ASYNC110  # what is waited for is another connection's commit
            await asyncio.sleep(0.05)
