"""Kafka to committed state: de-duplication, raw events, states, levels, everything on.

The events wait in Kafka before the scorer starts. The clock runs from the first commit of positions
to the last, as ``scoring.positions`` shows them, so that the start of the process is not in it.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass

import asyncpg
import httpx2
import msgspec

from bench.events import lots, record
from bench.figures import Figures, Look, Span, VoidRun, expect
from bench.process import look, pin
from bench.sizes import ScorerSize
from bench.stage import Stage, say, staged, tool
from sealwatch.contracts.topics import DEFAULT_PARTITIONS
from sealwatch.shell.clock import utc_now

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 600.0
LOOPS = 3
POLLS = "sealwatch_scorer_poll_seconds_count "


@dataclass(frozen=True, slots=True)
class Phase:
    """One run of the scorer over events that were waiting."""

    span: Span
    polls: int


async def measure(size: ScorerSize) -> Figures:
    """Return what the scorer does in a second, and the bare loop beside it."""
    async with staged() as stage:
        watch = await asyncpg.connect(stage.stack.database_url)
        try:
            new = await _phase(stage, watch, range(size.products), size)
            steady = await _phase(stage, watch, range(size.products, size.products + size.events), size)
            seen, changes = await _counted(watch)
        finally:
            await watch.close()
        expect("events seen", seen, size.products + size.events)
        say("the bare loop over the same topic")
        bare = await _bare(stage)
    rate = steady.span.events_per_second
    return {
        "events_per_second": rate,
        "cpu_us_per_event": steady.span.cpu_us_per_event,
        "ratio_to_consume_loop": round(rate / bare.events_per_second, 3),
        "consume_loop_events_per_second": bare.events_per_second,
        "consume_loop_cpu_us_per_event": bare.cpu_us_per_event,
        "first_sight_events_per_second": new.span.events_per_second,
        "first_sight_cpu_us_per_event": new.span.cpu_us_per_event,
        "events": size.events,
        "products": size.products,
        "event_bytes": _mean_bytes(size),
        "partitions": DEFAULT_PARTITIONS,
        "polls": steady.polls,
        "level_changes": changes,
    }


async def _phase(stage: Stage, watch: asyncpg.Connection, numbers: range, size: ScorerSize) -> Phase:
    """Publish lots, start the scorer, watch it to the end, and stop it."""
    say(f"publishing {len(numbers):,} events")
    await stage.publish([record(body) for body in lots(size.products, numbers, utc_now())])
    say("scoring them")
    child = stage.start("scorer")
    pin(child.process.pid)
    first = await _when(watch, child.process.pid, numbers.start + 1)
    last = await _when(watch, child.process.pid, numbers.stop)
    polls = await _polls(stage.stack.url("scorer"))
    await stage.stop("scorer")
    return Phase(first.until(last), polls)


async def _when(watch: asyncpg.Connection, pid: int, aim: int) -> Look:
    """Return a look at the scorer once so many records were committed."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        done = await watch.fetchval("select coalesce(sum(next_offset), 0)::bigint from scoring.positions")
        if done >= aim:
            return look(pid, done)
        await asyncio.sleep(LOOK_SECONDS)
    raise VoidRun(f"the scorer did not reach {aim:,} records within {PATIENCE_SECONDS:.0f} s")


async def _counted(watch: asyncpg.Connection) -> tuple[int, int]:
    seen = await watch.fetchval("select count(*) from scoring.seen")
    changes = await watch.fetchval("select count(*) from scoring.level_changes")
    return int(seen), int(changes)


async def _polls(url: str) -> int:
    async with httpx2.AsyncClient(trust_env=False) as http:
        lines = (await http.get(f"{url}/metrics")).text.splitlines()
    return int(float(next(line for line in lines if line.startswith(POLLS)).removeprefix(POLLS)))


async def _bare(stage: Stage) -> Span:
    seen = await tool("bench.consume_loop", {"bootstrap": stage.stack.kafka_bootstrap, "passes": LOOPS})
    return Span(seen["events"], statistics.median(seen["seconds"]), statistics.median(seen["cpu_seconds"]))


def _mean_bytes(size: ScorerSize) -> int:
    sample = lots(size.products, range(1_000), utc_now())
    return round(statistics.mean(len(msgspec.json.encode(body)) for body in sample))
