"""Feeds real lots to real scorer processes and kills them, at named points and at random."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx2

from sealwatch.contracts.codec import Record
from sealwatch.risk.groups import together
from sealwatch.risk.state import State, decode
from sealwatch.shell.kafka import Cluster, Publisher
from sealwatch.shell.kafka.clusters import Plan
from sealwatch.shell.migrate import migrate
from sealwatch_cli.local.ports import free_port
from tests.chaos.points import POINTS, TRAPS, Point

ROOT = Path(__file__).parents[2]
PRODUCT = ("sealwatch_scorer",)
POLL_RECORDS = 100
PATIENCE_SECONDS = 60.0
DIMENSIONS = ("category", "region", "technology")
OWNS = '"partitions": [0'
WAITING = """
select pid from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and wait_event_type = 'Lock'
      and query ~* $1
"""


class Harness:
    """One database, one cluster, and the processes on them."""

    def __init__(self, bootstrap: str, url: str, folder: Path, module: Sequence[str] = PRODUCT) -> None:
        self.bootstrap, self.url, self.folder, self.module = bootstrap, url, folder, module
        self.kills: list[str] = []
        self.random = random.Random(20261125)  # noqa: S311  # a replayable run, not a secret
        self._running: dict[str, subprocess.Popen] = {}
        self._known: dict[str, tuple[Sequence[str], dict[str, str]]] = {}
        self._took_over: dict[str, int] = {}
        self._ports: dict[str, int] = {}

    async def prepare(self, partitions: int = 6) -> None:
        await migrate(self.url, datetime.now(UTC).date())  # noqa: TID251  # partitions of this month
        await Cluster(self.bootstrap).apply(Plan.of("local", partitions=partitions))
        await self.look()
        await self.watch.execute(TRAPS)
        self.publisher = Publisher(self.bootstrap)
        await self.publisher.start()

    async def look(self) -> None:
        """Connect to the database to look into it."""
        self.watch = await asyncpg.connect(self.url)

    async def close(self) -> None:
        for name in list(self._running):
            self.kill(name)
        await self.publisher.stop()
        await self.watch.close()

    def start(self, name: str = "one", *, poll_records: int = POLL_RECORDS) -> None:
        self.spawn(name, self.module, {"SEALWATCH_POLL_RECORDS": str(poll_records)})

    def again(self, name: str) -> None:
        """Start a process as it was started before."""
        self.spawn(name, *self._known[name])

    def spawn(self, name: str, module: Sequence[str], settings: dict[str, str]) -> None:
        """Start one process of the product on this database and this cluster."""
        self._known[name] = (module, settings)
        self._took_over[name] = self.said(name, OWNS)
        self._ports[name] = free_port()
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "SEALWATCH_KAFKA_BOOTSTRAP": self.bootstrap,
            "SEALWATCH_KAFKA_PROFILE": "test",
            "SEALWATCH_DATABASE_URL": self.url,
            "SEALWATCH_DATABASE_TIMEOUT_SECONDS": "30",
            "SEALWATCH_INSTANCE": self.instance(name),
            "SEALWATCH_HTTP_PORT": str(self._ports[name]),
            "SEALWATCH_SESSION_TIMEOUT_SECONDS": "2",
            "SEALWATCH_REQUESTS_PER_MINUTE": "600000",  # one key sends everything here
        }
        command = [sys.executable, "-m", *module]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603  # our own module
                command, env=environment | settings, stdout=log, stderr=log
            )

    def instance(self, name: str) -> str:
        """Return the static member id of a process."""
        return f"{self.folder.name}-{name}"

    def said(self, name: str, words: str) -> int:
        """Return how many log lines of a process hold these words."""
        log = self.folder / f"{name}.log"
        return sum(words in line for line in log.read_text().splitlines()) if log.exists() else 0

    async def owns(self, name: str = "one") -> bool:
        """Return whether a scorer has taken over partitions since it was started."""
        return self.said(name, OWNS) > self._took_over[name]

    def kill(self, name: str = "one") -> None:
        self._running[name].kill()
        self._running.pop(name).wait()

    async def asked(self, path: str, name: str = "one") -> str:
        """Return what a process answers, or nothing while it does not."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            with contextlib.suppress(httpx2.TransportError):
                return (await client.get(f"{self.address(name)}/{path}")).text
        return ""

    def address(self, name: str = "one") -> str:
        """Return where a process listens since it was last started."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def alive(self, name: str = "one") -> bool:
        """Return whether a process still runs."""
        return self._running[name].poll() is None

    def pid(self, name: str = "one") -> int:
        """Return the number of a process."""
        return self._running[name].pid

    def signal(self, number: signal.Signals, name: str = "one") -> None:
        self._running[name].send_signal(number)

    @asynccontextmanager
    async def held(self, point: Point) -> AsyncIterator[None]:
        """Hold every process that comes to this point, until the end of the block."""
        holder = await asyncpg.connect(self.url)
        lock = holder.transaction()
        await lock.start()
        await holder.execute(point.hold)
        try:
            yield
        finally:
            await lock.rollback()
            await holder.close()

    async def kill_at(self, name: str, records: Sequence[Record]) -> None:
        """Hold a process at a point, send records, kill it there, and start it again."""
        point = POINTS[name]
        if point.process == "one":
            await self.until(self.owns)
        async with self.held(point):
            if name == "during take-over":
                self.kill()
                self.again("one")
            await self.publisher.publish(records)
            reached = await self.until(lambda: self.waits(point), 30.0)
            self.kill(point.process)
            if point.lost:
                for row in await self.watch.fetch(WAITING, point.waiting):
                    await self.watch.execute("select pg_terminate_backend($1)", row["pid"])
        self.kills.append(f"{name}{'' if reached else ' (at random: nothing waited)'}")
        self.again(point.process)

    async def kill_at_random(self, records: Sequence[Record]) -> None:
        await self.publisher.publish(records)
        aim = await self.consumed() + self.random.randrange(max(1, len(records)))
        await self.until(lambda: self.reached(aim), 8.0)
        self.kill()
        self.kills.append("at random")
        self.again("one")

    async def until(self, check, seconds: float = PATIENCE_SECONDS) -> bool:
        clock = asyncio.get_running_loop()
        ends = clock.time() + seconds
        while not await check():
            if clock.time() > ends:
                return False
            await asyncio.sleep(0.02)
        return True

    async def waits(self, point: Point) -> bool:
        """Return whether a process stands at this point."""
        return bool(await self.watch.fetch(WAITING, point.waiting))

    async def consumed(self) -> int:
        return await self.watch.fetchval("select coalesce(sum(next_offset), 0) from scoring.positions")

    async def reached(self, aim: int) -> bool:
        return await self.consumed() >= aim

    async def drained(self, total: int) -> bool:
        """Wait until every record that was sent has been read and told of."""
        read = await self.until(lambda: self.reached(total))
        return read and await self.until(self.told, 20.0)

    async def told(self) -> bool:
        return not await self.watch.fetchval("select count(*) from scoring.outbox where sent_at is null")

    async def rolled_up(self) -> dict[tuple[str, str], State]:
        """Return the sums of each group of products, over its partitions and severities."""
        rows = await self.watch.fetch("select dimension, value, state from scoring.rollups")
        return _together(((row["dimension"], row["value"]), row["state"]) for row in rows)

    async def grouped(self) -> dict[tuple[str, str], State]:
        """Return the same, from the products themselves."""
        rows = await self.watch.fetch("select category, region, technology, state from scoring.product_state")
        return _together(((name, row[name] or ""), row["state"]) for row in rows for name in DIMENSIONS)

    async def sums(self) -> dict[str, tuple[int, int]]:
        """Return the sums of each product, over all its keys, as exact integers."""
        rows = await self.watch.fetch("select product_id, state from scoring.product_state")
        states = {row["product_id"]: decode(row["state"]).sums for row in rows}
        return {
            product: tuple(map(sum, zip(*sums.values(), strict=True)))
            for product, sums in states.items()
            if sums
        }


def _together(parts: Iterable[tuple[tuple[str, str], bytes]]) -> dict[tuple[str, str], State]:
    """Return the groups that hold any evidence, each as one state."""
    members = defaultdict(list)
    for group, state in parts:
        members[group].append(decode(state))
    groups = {group: together(states) for group, states in members.items()}
    return {group: state for group, state in groups.items() if state.pieces}
