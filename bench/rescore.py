"""Stored events scored once more, from the database into a shadow state, a process a core.

Live scoring fills the database first, which is not measured. The clock runs while the lanes do, from
the first events that one tells of to the end of the last, so that the start of Python is not in it.
The shadow must be the live state to the byte, or the run is void.
"""

import asyncio
import os
import resource
import time

import asyncpg

from bench.events import lots, record
from bench.figures import Figures, Span, VoidRun, expect
from bench.process import served_cpu_seconds
from bench.sizes import RescoreSize
from bench.stage import Stage, say, staged
from sealwatch.shell.clock import utc_now
from sealwatch.shell.policy_documents import load_version
from sealwatch_cli.lanes import walk_all
from sealwatch_scorer.rescoring.outcome import compared
from sealwatch_scorer.rescoring.plan import Wish
from sealwatch_scorer.rescoring.register import Rescoring, begun

LOOK_SECONDS, PATIENCE_SECONDS = 0.5, 1_800.0
NAME = "bench"
SHOWN = 5


async def measure(size: RescoreSize) -> Figures:
    """Return how many stored events are scored anew in a second on all cores."""
    lanes = len(os.sched_getaffinity(0))
    async with staged() as stage:
        watch = await asyncpg.connect(stage.stack.database_url)
        try:
            await _filled(stage, watch, size)
            span, served = await _rescored(stage, watch, lanes)
        finally:
            await watch.close()
    return {
        "events_per_second": span.events_per_second,
        "cpu_us_per_event": span.cpu_us_per_event,
        "database_cpu_us_per_event": round(served / span.events * 1e6, 1),
        "events": span.events,
        "products": size.products,
        "lanes": lanes,
    }


async def _filled(stage: Stage, watch: asyncpg.Connection, size: RescoreSize) -> None:
    """Let the scorer score every event as it would live."""
    total = size.products + size.events
    say(f"publishing {total:,} events")
    await stage.publish([record(body) for body in lots(size.products, range(total), utc_now())])
    say("scoring them")
    stage.start("scorer")
    await _committed(watch, total)
    await stage.stop("scorer")
    await watch.execute("vacuum analyze scoring.events")


async def _committed(watch: asyncpg.Connection, total: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await watch.fetchval("select sum(next_offset) from scoring.positions") == total:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def _rescored(stage: Stage, watch: asyncpg.Connection, lanes: int) -> tuple[Span, float]:
    """Return the span of the lanes, and the seconds of CPU that the database took for them."""
    database = stage.servers["database"]
    version = load_version()
    await begun(watch, Rescoring(NAME, Wish(None, version.digest), version.document, lanes), utc_now())
    say(f"scoring them once more in {lanes} lanes")
    told: list[tuple[float, int]] = []
    os.environ |= {"SEALWATCH_DATABASE_URL": stage.stack.database_url}
    before, served = resource.getrusage(resource.RUSAGE_CHILDREN), served_cpu_seconds(database)
    await walk_all(NAME, lanes, lambda events: told.append((time.monotonic(), events)))
    ended, after = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    served = served_cpu_seconds(database) - served
    comparison = await compared(watch, NAME, SHOWN)
    if not comparison.equal:
        raise VoidRun(f"the shadow is not the live state: {comparison}")
    events = await watch.fetchval("select sum(events) from scoring.rescoring_lanes")
    expect("events rescored", events, await watch.fetchval("select count(*) from scoring.events"))
    began, first = told[0]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Span(int(events) - first, ended - began, cpu), served
