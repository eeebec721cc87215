"""The steps of a start: choose the servers, start them side by side, then the members."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sealwatch_cli.local.crew import Crew, Say, ServiceSeat, log_of, until_ready
from sealwatch_cli.local.kafka import Broker
from sealwatch_cli.local.machine import (
    DATABASE_VARIABLE,
    KAFKA_VARIABLE,
    Binaries,
    Engine,
    Given,
    Jvm,
    choose_kafka,
    choose_postgres,
    look_around,
)
from sealwatch_cli.local.ports import Wish, choose_port, is_free
from sealwatch_cli.local.postgres import Database
from sealwatch_cli.local.processes import Register
from sealwatch_cli.local.server import Server
from sealwatch_cli.local.stack import Member, Stack, Table, secrets_key

KAFKA_PORT, POSTGRES_PORT = 29_092, 25_432
Reached = tuple[str, dict[str, int]]  # the address for clients, and our port by name if it is ours


@dataclass(frozen=True)
class Options:
    """What the caller decides: ports given by name are fixed, the others move when taken."""

    data: Path
    ports: Mapping[str, int] = field(default_factory=dict)
    once: bool = False


@dataclass(frozen=True)
class Sources:
    """Where Kafka and PostgreSQL come from on this machine."""

    kafka: Given | Jvm | Engine
    postgres: Given | Binaries | Engine


@dataclass(frozen=True)
class Parts:
    """What a start works with."""

    table: Table
    register: Register
    crew: Crew
    say: Say


def choose_sources(environment: Mapping[str, str]) -> Sources:
    """Return where the servers come from, or raise Misconfigured before anything is started."""
    machine = look_around(environment)
    return Sources(
        kafka=choose_kafka(machine, environment.get(KAFKA_VARIABLE)),
        postgres=choose_postgres(machine, environment.get(DATABASE_VARIABLE)),
    )


def member_ports(
    members: Sequence[Member],
    fixed: Mapping[str, int],
    say: Say,
    free: Callable[[int], bool] = is_free,
) -> dict[str, int]:
    """Return a port for every member, and say so when it is not the usual one."""
    ports: dict[str, int] = {}
    for member in members:
        wish = Wish(fixed.get(member.name), member.port)
        ports[member.name] = choose_port(wish, None, free)
        if wish.fixed is None and ports[member.name] != member.port:
            say(f"{member.name}: port {member.port} is taken, using {ports[member.name]}")
    return ports


async def start_servers(options: Options, sources: Sources, parts: Parts) -> Stack:
    """Start Kafka and PostgreSQL side by side and write down where everything is."""
    ports = member_ports(parts.table.members, options.ports, parts.say)
    (bootstrap, kafka), (url, postgres) = await asyncio.gather(
        _kafka(options, sources.kafka, parts), _postgres(options, sources.postgres, parts)
    )
    stack = Stack(options.data, bootstrap, url, secrets_key(options.data), ports | kafka | postgres)
    stack.save()
    return stack


async def start_members(stack: Stack, parts: Parts) -> None:
    """Start every member at once and return when the last one is ready."""
    seats = [ServiceSeat(member, stack, parts.register) for member in parts.table.members]
    for seat in seats:
        await asyncio.to_thread(seat.start)
    for seat in seats:
        await until_ready(seat)
        parts.say(f"{seat.member.name}: ready at {stack.url(seat.member.name)}")
    for seat in seats:
        parts.crew.keep(seat.member.name, seat)


async def _kafka(options: Options, source: Given | Jvm | Engine, parts: Parts) -> Reached:
    if isinstance(source, Given):
        return source.address, {}
    wish = Wish(options.ports.get("kafka"), KAFKA_PORT)
    folder = options.data / "kafka"
    broker = Broker(folder, source, wish=wish, register=parts.register, say=parts.say)
    await _start("kafka", broker, options, parts)
    parts.say(f"kafka: ready at {broker.bootstrap}")
    return broker.bootstrap, {"kafka": broker.ports.clients}


async def _postgres(options: Options, source: Given | Binaries | Engine, parts: Parts) -> Reached:
    if isinstance(source, Given):
        return source.address, {}
    wish = Wish(options.ports.get("postgres"), POSTGRES_PORT)
    folder = options.data / "postgres"
    database = Database(folder, source, wish=wish, register=parts.register, say=parts.say)
    await _start("postgres", database, options, parts)
    parts.say(f"postgres: ready on port {database.port}")
    return database.url, {"postgres": database.port}


async def _start(name: str, server: Server, options: Options, parts: Parts) -> None:
    server.log = log_of(options.data, name).absolute()
    await asyncio.to_thread(server.start)
    parts.crew.keep(name, server)
