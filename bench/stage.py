"""The real servers and services of one bench, for as long as it takes."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from sealwatch.contracts.codec import Record
from sealwatch.contracts.topics import DEFAULT_PARTITIONS
from sealwatch.shell.clock import utc_now
from sealwatch.shell.kafka import Cluster, Publisher
from sealwatch.shell.kafka.clusters import Plan
from sealwatch.shell.migrate import migrate
from sealwatch_cli.local.crew import ServiceSeat, until_ready
from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import Given, choose_kafka, choose_postgres, look_around
from sealwatch_cli.local.ports import free_port
from sealwatch_cli.local.postgres import Database
from sealwatch_cli.local.processes import Child, Register
from sealwatch_cli.local.scratch import scratch
from sealwatch_cli.local.stack import Member, Stack, secrets_key

ROOT = Path(__file__).parents[1]
BEGAN = time.monotonic()
SERVICES = ("ingest", "scorer", "alerts")
SCORERS = ("scorer", "scorer-2")
DRAIN = timedelta(seconds=10)
CHUNK = 5_000


def say(text: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(f"bench: {time.monotonic() - BEGAN:5.1f} s  {text}\n")
    sys.stderr.flush()


@dataclass
class Stage:
    """One broker and one database with nothing in them but the topics and the tables."""

    stack: Stack
    register: Register
    servers: Mapping[str, int]  # the processes of broker and database
    seats: dict[str, ServiceSeat] = field(default_factory=dict)

    def start(self, name: str) -> Child:
        """Start a service, or a further one of its kind, without waiting for it."""
        service = name.partition("-")[0]
        command = (sys.executable, "-m", "sealwatch_cli.main", service)
        member = Member(name, command, self.stack.ports[name])
        seat = self.seats[name] = ServiceSeat(member, self.stack, self.register)
        seat.start()
        return self.child(name)

    async def serve(self, name: str) -> Child:
        """Start a service and return when it is ready."""
        child = self.start(name)
        await until_ready(self.seats[name])
        return child

    def child(self, name: str) -> Child:
        """Return the process of a service that was started."""
        child = self.seats[name].child
        if child is None:
            raise LookupError(f"{name} was never started")
        return child

    async def stop(self, name: str) -> None:
        """Stop a service as an operator would."""
        await asyncio.to_thread(self.child(name).stop, DRAIN)

    async def publish(self, records: Sequence[Record]) -> None:
        """Write records to Kafka, confirmed."""
        publisher = Publisher(self.stack.kafka_bootstrap)
        await publisher.start()
        for start in range(0, len(records), CHUNK):
            await publisher.publish(records[start : start + CHUNK])
        await publisher.stop()


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Lend a fresh stage; what the environment names is refused, since a bench wants it empty."""
    say("starting Kafka and PostgreSQL")
    machine = look_around(os.environ)
    kafka, postgres = choose_kafka(machine, None), choose_postgres(machine, None)
    if isinstance(kafka, Given) or isinstance(postgres, Given):
        raise TypeError("a bench starts its own servers")
    with scratch() as (folder, register):
        broker = Broker(folder / "kafka", kafka, register=register)
        database = Database(folder / "postgres", postgres, register=register)
        await asyncio.gather(asyncio.to_thread(broker.start), asyncio.to_thread(database.start))
        await migrate(database.url, utc_now().date())
        await Cluster(broker.bootstrap).apply(Plan.of("local", partitions=DEFAULT_PARTITIONS))
        ports = {name: free_port() for name in {*SERVICES, *SCORERS}}
        stack = Stack(folder, broker.bootstrap, database.url, secrets_key(folder), ports)
        servers = {"broker": broker.process.pid, "database": database.process.pid}
        yield Stage(stack, register, servers)


async def tool(module: str, plan: dict[str, Any]) -> dict[str, Any]:
    """Run a module of the bench as a process of its own: a plan goes in, what it saw comes out."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(msgspec.json.encode(plan))
    if process.returncode != 0:
        raise ChildProcessError(f"{module} failed")
    return msgspec.json.decode(said, type=dict[str, Any])
