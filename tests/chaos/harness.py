"""Feeds real lots to a real scorer process and kills it, at named points and at random."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from sealwatch.contracts.codec import Record
from sealwatch.risk.state import decode
from sealwatch.shell.kafka import Cluster, Publisher
from sealwatch.shell.kafka.clusters import Plan
from sealwatch.shell.migrate import migrate

ROOT = Path(__file__).parents[2]
PRODUCT = ("sealwatch_scorer",)
# The table that a step needs next: a lock on it holds the scorer exactly there.
POINTS = {
    "after poll": ("positions", "access exclusive"),
    "after positions": ("seen", "access exclusive"),
    "after claim": ("events", "access exclusive"),
    "before the states": ("product_state", "access exclusive"),
    "before the outbox": ("outbox", "access exclusive"),
    "between relay and its mark": ("outbox", "share row exclusive"),
}
POLL_RECORDS = 100
PATIENCE_SECONDS = 60.0


class Harness:
    """One database, one topic, and the scorer processes on them."""

    def __init__(self, bootstrap: str, url: str, folder: Path, module: Sequence[str] = PRODUCT) -> None:
        self.bootstrap, self.url, self.folder, self.module = bootstrap, url, folder, module
        self.kills: list[str] = []
        self.random = random.Random(20261125)  # noqa: S311  # a replayable run, not a secret
        self._running: dict[str, subprocess.Popen] = {}

    async def prepare(self, partitions: int = 6) -> None:
        await migrate(self.url, datetime.now(UTC).date())  # noqa: TID251  # partitions of this month
        await Cluster(self.bootstrap).apply(Plan.of("local", partitions=partitions))
        self.watch = await asyncpg.connect(self.url)
        self.publisher = Publisher(self.bootstrap)
        await self.publisher.start()

    async def close(self) -> None:
        for name in list(self._running):
            self.kill(name)
        await self.publisher.stop()
        await self.watch.close()

    def start(self, name: str = "one") -> None:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "SEALWATCH_KAFKA_BOOTSTRAP": self.bootstrap,
            "SEALWATCH_KAFKA_PROFILE": "test",
            "SEALWATCH_DATABASE_URL": self.url,
            "SEALWATCH_DATABASE_TIMEOUT_SECONDS": "30",
            "SEALWATCH_INSTANCE": f"{self.folder.name}-{name}",
            "SEALWATCH_HTTP_PORT": str(20_000 + self.random.randrange(30_000)),
            "SEALWATCH_POLL_RECORDS": str(POLL_RECORDS),
            "SEALWATCH_SESSION_TIMEOUT_SECONDS": "2",
        }
        command = [sys.executable, "-m", *self.module]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603  # our own module
                command, env=environment, stdout=log, stderr=log
            )

    def kill(self, name: str = "one") -> None:
        self._running[name].kill()
        self._running.pop(name).wait()

    def signal(self, number: signal.Signals, name: str = "one") -> None:
        self._running[name].send_signal(number)

    async def kill_at(self, point: str, records: Sequence[Record]) -> None:
        """Hold the scorer at a point with a lock, send it records, kill it there, and start it again."""
        table, mode = POINTS[point]
        holder = await asyncpg.connect(self.url)
        lock = holder.transaction()
        await lock.start()
        await holder.execute(f"lock table scoring.{table} in {mode} mode")
        await self.publisher.publish(records)
        held = await self.until(self._somebody_waits, 8.0)
        self.kill()
        await lock.rollback()
        await holder.close()
        self.kills.append(f"{point}{'' if held else ' (at random: nothing waited)'}")
        self.start()

    async def kill_at_random(self, records: Sequence[Record]) -> None:
        await self.publisher.publish(records)
        aim = await self._consumed() + self.random.randrange(max(1, len(records)))
        await self.until(lambda: self.reached(aim), 8.0)
        self.kill()
        self.kills.append("at random")
        self.start()

    async def until(self, check, seconds: float = PATIENCE_SECONDS) -> bool:
        for _ in range(int(seconds / 0.02)):
            if await check():
                return True
            await asyncio.sleep(0.02)
        return False

    async def _somebody_waits(self) -> bool:
        return bool(
            await self.watch.fetchval(
                "select count(*) from pg_stat_activity where application_name = 'sealwatch-scorer' "
                "and datname = current_database() and wait_event_type = 'Lock'"
            )
        )

    async def _consumed(self) -> int:
        return await self.watch.fetchval("select coalesce(sum(next_offset), 0) from scoring.positions")

    async def reached(self, aim: int) -> bool:
        return await self._consumed() >= aim

    async def drained(self, total: int) -> bool:
        """Wait until every record that was sent has been read and told of."""
        read = await self.until(lambda: self.reached(total))
        return read and await self.until(self._told, 20.0)

    async def _told(self) -> bool:
        return not await self.watch.fetchval("select count(*) from scoring.outbox where sent_at is null")

    async def sums(self) -> dict[str, tuple[int, int]]:
        """Return the sums of each product, over all its keys, as exact integers."""
        rows = await self.watch.fetch("select product_id, state from scoring.product_state")
        found = {}
        for row in rows:
            ((failures, trials),) = decode(row["state"]).sums.values()
            found[row["product_id"]] = (failures, trials)
        return found
