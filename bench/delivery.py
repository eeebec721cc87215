"""Warnings out: how many webhooks a second, and how long from a post to its webhook.

First, level changes that wait as due deliveries to every endpoint are sent by the real service. Then
posts come at a fixed rate, each of a lot so bad that its product, described before, rises at once;
each must lead to exactly one webhook at an endpoint of its own.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import httpx2
from pydantic import SecretStr

from bench.events import CENTRE, facts
from bench.figures import Figures, Span, VoidRun, delays, expect, in_ms, percentile
from bench.http_load import named
from bench.intake import admitted
from bench.process import cpu_seconds
from bench.sick import Ward, compare
from bench.sizes import DeliverySize
from bench.stage import ROOT, SERVICES, Stage, say, staged, tool
from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.codec import Received
from sealwatch.contracts.risk import LevelChanged
from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.policies import load_policy
from sealwatch.shell.secrets import Seal
from sealwatch.shell.settings import DatabaseSettings
from sealwatch_alerts.hear import hear
from sealwatch_alerts.strategies import Shelf
from sealwatch_api.described import described_record
from sealwatch_cli.local.ports import LOOPBACK

MANY, ONE = "told to all", "told to one"
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 300.0
SECRET_BYTES = 32
SUBSCRIBE = (
    "insert into registry.subscriptions (subscription_id, organisation_id, department, url, secret_sealed, "
    "minimum_level, categories) values ($1, $2, 'bench', $3, $4, 1, array[$5])"
)
DELIVERED = "select count(*) from alerting.deliveries where state = 'delivered'"
SCORED = "select coalesce(sum(next_offset), 0)::bigint from scoring.positions"


async def measure(size: DeliverySize) -> Figures:
    """Return the rate of deliveries and the delay from post to webhook."""
    async with staged() as stage, _receiver() as url:
        watch = await asyncpg.connect(stage.stack.database_url)
        try:
            await _subscribe(stage, watch, url, size)
            rate = await _rate(stage, watch, url, size)
            paths = await _paths(stage, watch, url, size)
            sick = await compare(Ward(stage, watch, url, CENTRE.organisation, size))  # they stay sick: last
        finally:
            await watch.close()
    return {
        "deliveries_per_second": rate.events_per_second,
        "alerts_cpu_us_per_delivery": rate.cpu_us_per_event,
        "deliveries": rate.events,
        "endpoints": size.endpoints,
        "post_to_webhook_p50_ms": paths[f"post_to_webhook_p50_ms_at_{size.rates[0]}"],
        "post_to_webhook_p99_ms": paths[f"post_to_webhook_p99_ms_at_{size.rates[0]}"],
        **paths,
        **sick,
    }


async def _subscribe(stage: Stage, watch: asyncpg.Connection, url: str, size: DeliverySize) -> None:
    """Subscribe the endpoints to one category, and one more to another."""
    seal = Seal(stage.stack.secrets_key)
    await watch.execute("insert into registry.organisations values ($1, 'Bench')", CENTRE.organisation)
    wanted = [(f"{url}/{n}", MANY) for n in range(size.endpoints)] + [(f"{url}/path", ONE)]
    for where, category in wanted:
        id_, secret = secrets.token_bytes(16), b"whsec_" + secrets.token_hex(SECRET_BYTES).encode()
        await watch.execute(SUBSCRIBE, id_, CENTRE.organisation, where, seal.seal(secret), category)


async def _rate(stage: Stage, watch: asyncpg.Connection, url: str, size: DeliverySize) -> Span:
    """Write due deliveries, then start the service and watch it deliver them."""
    total = size.changes * size.endpoints
    say(f"writing {total:,} due deliveries")
    engine = open_engine(
        DatabaseSettings(database_url=SecretStr(stage.stack.database_url)),
        "sealwatch_alerts",
        application="bench",
    )
    async with engine.begin() as connection:
        changes = [_change(n, utc_now()) for n in range(size.changes)]
        await hear(connection, changes, utc_now(), Shelf(load_policy(None)))
    await engine.dispose()
    say("delivering them")
    pid = stage.start("alerts").process.pid
    await _until(watch, DELIVERED, 1)
    used = cpu_seconds(pid)
    await _until(watch, DELIVERED, total)
    ended, used = time.monotonic(), cpu_seconds(pid) - used
    seen = await _arrived(url)
    expect("webhooks", seen["webhooks"], total)
    expect("webhooks that came again", seen["again"], 0)
    return Span(total, ended - seen["first_at"], used)


async def _paths(stage: Stage, watch: asyncpg.Connection, url: str, size: DeliverySize) -> Figures:
    """Return the delay from post to webhook at each rate, and the CPU of each service."""
    seconds = size.seconds + size.warm_up_seconds
    key, count = await admitted(stage), seconds * sum(size.rates)
    records = [described_record(named(n), 1, facts(ONE), CENTRE, utc_now()) for n in range(count)]
    await stage.publish(records)
    await asyncio.gather(stage.serve("ingest"), stage.serve("scorer"))
    await _until(watch, SCORED, count)
    plan = {"port": stage.stack.ports["ingest"], "key": key, "connections": 16, "grave": True}
    figures: Figures = {}
    first = 0
    for rate in size.rates:
        part = plan | {"now": utc_now().isoformat(), "first": first, "count": seconds * rate, "rate": rate}
        figures |= await _path(stage, watch, url, Posts(part, rate * size.warm_up_seconds))
        first += seconds * rate
    return figures


@dataclass(frozen=True, slots=True)
class Posts:
    """A plan of posts, and how many of them are only a warm-up."""

    plan: dict[str, Any]
    early: int


async def _path(stage: Stage, watch: asyncpg.Connection, url: str, posts: Posts) -> Figures:
    """Return the delay from post to webhook at one rate, the warm-up left out."""
    count, rate = posts.plan["count"], posts.plan["rate"]
    before = (await _arrived(url))["webhooks"]
    say(f"{count:,} posts, {rate} a second")
    used = _used(stage)
    load = await tool("bench.http_load", posts.plan)
    await _until(watch, DELIVERED, before + count)
    seen = await _arrived(url)
    expect("webhooks", seen["webhooks"], before + count)
    late = {at: sent for at, sent in load["sent"].items() if at >= named(posts.plan["first"] + posts.early)}
    waits = delays(late, seen["products"])
    spent = {name: round((now - used[name]) / count * 1e6) for name, now in _used(stage).items()}
    return {
        f"post_to_webhook_p50_ms_at_{rate}": in_ms(percentile(waits, 0.5)),
        f"post_to_webhook_p99_ms_at_{rate}": in_ms(percentile(waits, 0.99)),
        f"posts_at_{rate}": len(waits),
        **{f"{name}_cpu_us_per_post_at_{rate}": us for name, us in spent.items()},
    }


def _used(stage: Stage) -> dict[str, float]:
    return {name: cpu_seconds(stage.child(name).process.pid) for name in SERVICES}


async def _until(watch: asyncpg.Connection, count: str, aim: int) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while await watch.fetchval(count) < aim:
        if time.monotonic() > ends:
            raise VoidRun(f"not within {PATIENCE_SECONDS:.0f} s: {count} >= {aim:,}")
        await asyncio.sleep(LOOK_SECONDS)


def _change(number: int, now: datetime) -> Received:
    product_id = f"told-{number:06}"
    change = LevelChanged(
        product_id=product_id,
        category=MANY,
        enterprise_id="E1",
        region="330106",
        severity_class=3,
        facts_known=True,
        facts_revision=1,
        policy_version="bench",
        last_event_uid="00" * 16,
        uid=derived_uid("bench", product_id).hex(),
        sequence=1,
        before="medium",
        after="serious",  # below it, changes gather into few messages
        start_level="medium",
        index=60.0,
        indicated="serious",
        main_factor="COPY",
        reason="raised",
        changed_at=now.isoformat(),
    )
    return Received(
        LEVEL_CHANGES.name, 0, number, 0, product_id.encode(), change.model_dump_json().encode(), ()
    )


@asynccontextmanager
async def _receiver() -> AsyncIterator[str]:
    """Lend the receiver, a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.receiver", cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout  # noqa: S101  # asked for above
    try:
        yield f"http://{LOOPBACK}:{int(await process.stdout.readline())}"
    finally:
        process.kill()
        await process.wait()


async def _arrived(url: str) -> dict[str, Any]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        return (await http.get(url)).raise_for_status().json()  # type: ignore[no-any-return]
