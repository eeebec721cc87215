"""HTTP to Kafka, confirmed by all replicas: NDJSON bodies of a thousand lines, and single posts."""

import secrets
from typing import Any

from bench.events import CENTRE
from bench.figures import Figures, Span, expect, in_ms, percentile
from bench.process import cpu_seconds
from bench.sizes import IntakeSize
from bench.stage import Stage, say, staged, tool
from sealwatch.contracts.credentials import ID_BYTES, SECRET_BYTES, mint
from sealwatch.contracts.registry import CredentialEntry
from sealwatch.shell.clock import utc_now
from sealwatch_api.registry import entry_record

LINES = 1_000
WARM_UP = {"ndjson": 20, "single": 2_000}


async def measure(size: IntakeSize) -> Figures:
    """Return what the public door takes in a second."""
    async with staged() as stage:
        plan = {
            "key": await admitted(stage),
            "port": stage.stack.ports["ingest"],
            "now": utc_now().isoformat(),
        }
        say("starting ingest")
        await stage.serve("ingest")
        many = {"lines": LINES, "connections": size.senders}
        one = {"connections": size.connections}
        warm_many, warm_one = WARM_UP["ndjson"] * LINES, WARM_UP["single"]
        await _sent(stage, plan | many | {"count": WARM_UP["ndjson"]})
        say(f"{size.bodies:,} bodies of {LINES:,} lines over {size.senders} connections")
        batch, _ = await _sent(stage, plan | many | {"count": size.bodies, "first": warm_many})
        first = warm_many + size.bodies * LINES
        await _sent(stage, plan | one | {"count": warm_one, "first": first})
        say(f"{size.posts:,} single posts over {size.connections} connections")
        single, waits = await _sent(stage, plan | one | {"count": size.posts, "first": first + warm_one})
        found = await tool("bench.consume_loop", {"bootstrap": stage.stack.kafka_bootstrap, "passes": 0})
    expect("events in Kafka", found["events"], first + warm_one + size.posts)
    return {
        "ndjson_events_per_second": batch.events_per_second,
        "ndjson_cpu_us_per_event": batch.cpu_us_per_event,
        "single_posts_per_second": single.events_per_second,
        "single_cpu_us_per_post": single.cpu_us_per_event,
        "single_post_p50_ms": in_ms(percentile(waits, 0.5)),
        "single_post_p99_ms": in_ms(percentile(waits, 0.99)),
        "ndjson_events": batch.events,
        "lines_per_body": LINES,
        "single_posts": single.events,
        "connections": size.connections,
    }


async def admitted(stage: Stage) -> str:
    """Tell intake of a key, as the api would, and return it."""
    minted = mint(secrets.token_bytes(ID_BYTES + SECRET_BYTES))
    entry = CredentialEntry(
        key_id=minted.key_id,
        digest=minted.digest,
        organisation_id=CENTRE.organisation,
        source_id=CENTRE.source,
        scopes=("events:write",),
        source_classes={"inspection": "national_spot_check"},
        accredited=True,
    )
    await stage.publish([entry_record(entry, CENTRE, utc_now())])
    return minted.key


async def _sent(stage: Stage, plan: dict[str, Any]) -> tuple[Span, list[float]]:
    """Send what the plan says; every event was accepted, or the load would have failed."""
    pid = stage.child("ingest").process.pid
    used = cpu_seconds(pid)
    seen = await tool("bench.http_load", plan)
    events = plan["count"] * plan.get("lines", 1)
    return Span(events, seen["seconds"], cpu_seconds(pid) - used), seen["waits"]
