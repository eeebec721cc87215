"""A partition of level changes that stands still: the metric says so, `sealwatch positions` lets it go on."""

import asyncio
import os
import subprocess
import sys
from datetime import date
from uuid import uuid4

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from prometheus_client import REGISTRY

from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.shell.db import open_engine
from sealwatch.shell.kafka import partition_of
from sealwatch.shell.kafka.bounds import bounds_of
from sealwatch.shell.migrate import migrate
from sealwatch.shell.settings import AlertsSettings
from tests.integration.alerts.test_heard_again import PARTITIONS, PRODUCTS, Log, changes, halted

RECREATED = "topic_recreated: another record stands there"


class RealLog(Log):
    """The topic that the command looks at; what earlier tests left in it is passed over."""

    def __init__(self, bootstrap, url, engine, watch):
        super().__init__(bootstrap, engine, watch)
        self.url, self.topic, self.group = url, LEVEL_CHANGES.name, f"alerts-{uuid4().hex}"

    async def begin(self):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        if self.topic not in await admin.list_topics():
            await admin.create_topics([NewTopic(self.topic, PARTITIONS, 1)])
        await admin.close()
        for partition, held in (await bounds_of(self.bootstrap, self.topic)).items():
            await self.watch.execute(
                "insert into alerting.positions (topic, partition, next_offset) values ($1, $2, $3)",
                self.topic, partition, held.end,
            )  # fmt: skip

    async def positions(self, *words):
        """Run the command as an operator does; return its exit code and everything it said."""
        told = {"SEALWATCH_DATABASE_URL": self.url, "SEALWATCH_KAFKA_BOOTSTRAP": self.bootstrap}
        environment = {"PATH": os.environ["PATH"], "COLUMNS": "200", **told}
        command = [sys.executable, "-m", "sealwatch_cli.main", "positions", *words, "--of", "alerts"]
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    async def places(self):
        found = await self.watch.fetch("select partition, next_offset, last_offset from alerting.positions")
        return {row["partition"]: tuple(row)[1:] for row in found}


@pytest.fixture
async def log(kafka, postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = AlertsSettings(database_url=url, secrets_key="unused")
    engine = open_engine(settings, "sealwatch_alerts", application="sealwatch-alerts")
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    made = RealLog(kafka.bootstrap, url, engine, watch)
    await made.begin()
    yield made
    await watch.close()
    await engine.dispose()


def standing_still():
    return REGISTRY.get_sample_value("sealwatch_alerts_halted")


async def test_a_halted_partition_is_counted_shown_and_let_go_and_nothing_is_told_twice(log):
    partitions = len(await log.places())
    bad = partition_of(b"P0", partitions)
    begun = (await log.places())[bad][0]
    await log.tell(changes(0, 2))
    await log.listen(2 * PRODUCTS)
    await log.watch.execute("update alerting.positions set last_digest = '' where partition = $1", bad)
    async with log.listening() as listener:
        await halted(listener)
        counted = standing_still()
        beside = await log.positions("reset", "--partition", str(bad), "--to", str(begun), "--yes")
    await log.engine.dispose()

    shown = await log.positions("show")
    only_said = await log.positions("reset", "--partition", str(bad), "--to", str(begun))
    before = await log.places()
    done = await log.positions("reset", "--partition", str(bad), "--to", str(begun), "--yes")
    after = await log.places()
    await log.tell(changes(2, 4))
    await log.listen(4 * PRODUCTS)

    assert (counted, standing_still()) == (1, 0)
    assert (beside[0], "stop all of its processes first" in beside[1]) == (1, True)
    assert (shown[0], shown[1].count("HALT"), shown[1].count(f"HALT {RECREATED}")) == (0, 1, 1)
    assert (only_said[0], "add --yes" in only_said[1]) == (1, True)
    assert (done[0], '"event": "position reset"' in done[1], "start alerts" in done[1]) == (0, True, True)
    assert after == before | {bad: (begun, None)}
    assert await log.notices() == 4 * PRODUCTS


@pytest.mark.parametrize(
    "words",
    [("--to", "earliest"), ("--all", "--to", "-1"), ("--partition", "99", "--to", "latest")],
    ids=" ".join,
)  # fmt: skip
async def test_what_cannot_be_meant_is_refused_with_code_2_and_changes_nothing(log, words):
    before = await log.places()

    code, _ = await log.positions("reset", *words, "--yes")

    assert (code, await log.places()) == (2, before)
