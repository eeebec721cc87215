"""Kafka to committed state: de-duplication, raw events, states, levels, everything on.

Two scorers share both cores with broker and database, as they would in service, and events are
published as fast as the broker takes them. The clock runs from the first commit of positions to the
last, as ``scoring.positions`` shows them. Then one scorer, begun anew, does the same on one core,
which is what the bare loop on that core is compared with.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import msgspec

from bench.events import lots, record
from bench.figures import Figures, Look, Span, VoidRun, expect
from bench.process import family_cpu_seconds, look, pin
from bench.sizes import ScorerSize
from bench.stage import SCORERS, Stage, say, staged, tool
from sealwatch.contracts.topics import DEFAULT_PARTITIONS
from sealwatch.shell.clock import utc_now

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 1_800.0
LOOPS = 3


@dataclass(frozen=True, slots=True)
class Phase:
    """What happened between two commits: the scorers' work, and the CPU seconds of each server beside it."""

    span: Span
    servers: Mapping[str, float]

    def per_event(self, server: str) -> float:
        """Return the CPU of a server for an event in microseconds."""
        return round(self.servers[server] / self.span.events * 1e6, 1)


@dataclass(frozen=True, slots=True)
class Part:
    """Some events of a run."""

    size: ScorerSize
    numbers: range

    def lots(self) -> Iterator[dict[str, Any]]:
        """Return the bodies."""
        return lots(self.size.products, self.numbers, utc_now(), self.size.lot)


async def measure(size: ScorerSize) -> Figures:
    """Return what two scorers do in a second, what one does on one core, and the bare loop beside it."""
    total = size.products + size.events
    async with staged() as stage:
        watch = await asyncpg.connect(stage.stack.database_url)
        try:
            new, steady = await _together(stage, watch, size)
            alone = await _alone(stage, watch, range(total, total + size.alone), size)
            seen, changes = await _counted(watch)
        finally:
            await watch.close()
        expect("events seen", seen, total + size.alone)
        say("the bare loop over the same topic")
        bare = await _bare(stage)
    return {
        "events_per_second": steady.span.events_per_second,
        "scorers": len(SCORERS),
        "cpu_us_per_event": steady.span.cpu_us_per_event,
        "database_cpu_us_per_event": steady.per_event("database"),
        "broker_cpu_us_per_event": steady.per_event("broker"),
        "first_sight_events_per_second": new.span.events_per_second,
        "first_sight_cpu_us_per_event": new.span.cpu_us_per_event,
        "alone_events_per_second": alone.span.events_per_second,
        "alone_cpu_us_per_event": alone.span.cpu_us_per_event,
        "ratio_to_consume_loop": round(alone.span.events_per_second / bare.events_per_second, 3),
        "consume_loop_events_per_second": bare.events_per_second,
        "consume_loop_cpu_us_per_event": bare.cpu_us_per_event,
        "events": size.events,
        "products": size.products,
        "event_bytes": _mean_bytes(size),
        "partitions": DEFAULT_PARTITIONS,
        "level_changes": changes,
    }


async def _together(stage: Stage, watch: asyncpg.Connection, size: ScorerSize) -> tuple[Phase, Phase]:
    """Let two scorers share the partitions: first each product once, then the steady part."""
    say("starting two scorers")
    pids = [(await stage.serve(name)).process.pid for name in SCORERS]
    new = await _phase(stage, watch, Part(size, range(size.products)), pids)
    steady = await _phase(stage, watch, Part(size, range(size.products, size.products + size.events)), pids)
    for name in SCORERS:
        await stage.stop(name)
    return new, steady


async def _alone(stage: Stage, watch: asyncpg.Connection, numbers: range, size: ScorerSize) -> Phase:
    """Let one scorer begin anew on one core."""
    child = await stage.serve(SCORERS[0])
    pin(child.process.pid)
    phase = await _phase(stage, watch, Part(size, numbers), [child.process.pid])
    await stage.stop(SCORERS[0])
    return phase


async def _phase(stage: Stage, watch: asyncpg.Connection, part: Part, pids: Sequence[int]) -> Phase:
    """Publish lots as fast as the broker takes them and watch them being scored, to the last."""
    numbers = part.numbers
    say(f"publishing {len(numbers):,} events; {len(pids)} at work")
    records = [record(body) for body in part.lots()]
    publishing = asyncio.create_task(stage.publish(records))
    first, before = await _when(watch, pids, numbers.start + 1), _servers(stage)
    last, after = await _when(watch, pids, numbers.stop), _servers(stage)
    await publishing
    return Phase(first.until(last), {name: after[name] - before[name] for name in after})


def _servers(stage: Stage) -> dict[str, float]:
    return {name: family_cpu_seconds(pid) for name, pid in stage.servers.items()}


async def _when(watch: asyncpg.Connection, pids: Sequence[int], aim: int) -> Look:
    """Return a look at the scorers once so many records were committed."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        done = await watch.fetchval("select coalesce(sum(next_offset), 0)::bigint from scoring.positions")
        if done >= aim:
            return look(pids, done)
        await asyncio.sleep(LOOK_SECONDS)
    raise VoidRun(f"the scorers did not reach {aim:,} records within {PATIENCE_SECONDS:.0f} s")


async def _counted(watch: asyncpg.Connection) -> tuple[int, int]:
    seen = await watch.fetchval("select count(*) from scoring.seen")
    changes = await watch.fetchval("select count(*) from scoring.level_changes")
    return int(seen), int(changes)


async def _bare(stage: Stage) -> Span:
    seen = await tool("bench.consume_loop", {"bootstrap": stage.stack.kafka_bootstrap, "passes": LOOPS})
    return Span(seen["events"], statistics.median(seen["seconds"]), statistics.median(seen["cpu_seconds"]))


def _mean_bytes(size: ScorerSize) -> int:
    sample = Part(size, range(1_000)).lots()
    return round(statistics.mean(len(msgspec.json.encode(body)) for body in sample))
