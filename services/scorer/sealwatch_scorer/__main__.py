"""Wire the scorer: settings, parts, run."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.health import Health
from sealwatch.shell.kafka import GroupConsumer, Publisher, Where, access_of, read_at
from sealwatch.shell.outbox import relay
from sealwatch.shell.policy_documents import Version, load_version
from sealwatch.shell.serve import Service, run
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.indices import publish_indices
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.published import began_with, published
from sealwatch_scorer.run import Runner
from sealwatch_scorer.score import Store
from sealwatch_scorer.store import PostgresStore

GROUP = "sealwatch-scorer"
ROLE = "sealwatch_scorer"
MakeStore = Callable[[AsyncEngine], Store]


def postgres_store(engine: AsyncEngine) -> Store:
    """Return the store of the product."""
    return PostgresStore(engine, EVIDENCE.name)


def joined(settings: ScorerSettings, where: Where) -> GroupConsumer:
    """Return a new member of the scorers' group."""
    return GroupConsumer(
        where,
        EVIDENCE.name,
        GROUP,
        instance=f"scorer-{settings.instance}",
        session_timeout=timedelta(seconds=settings.session_timeout_seconds),
    )


@asynccontextmanager
async def wire(
    settings: ScorerSettings,
    make_store: MakeStore = postgres_store,
    load_base: Callable[[Path | None], Version] = load_version,
) -> AsyncIterator[Service]:
    """Return the scorer with all its parts, and take them apart again."""
    where = access_of(settings)
    base = load_base(Path(settings.policy_file) if settings.policy_file else None)
    engine = open_engine(settings, ROLE, application="sealwatch-scorer")
    begin = None if settings.policy_file else partial(began_with, engine, base)
    policies = Policies(base, partial(published, engine), begin)
    publisher = Publisher(where)
    runner = Runner(
        partial(joined, settings, where),
        make_store(engine),
        policies,
        Memory(settings.cached_products),
        partial(read_at, where, EVIDENCE.name),
    )
    runner.poll_records = settings.poll_records
    health = Health(
        {"loop": runner.progress},
        {"scoring": runner.ready, "kafka": publisher.ready, "policy": policies.ready},
    )
    loops = {
        "kafka": publisher.keep_connected,
        "score": lambda stopping: runner.run(stopping, utc_now),
        "outbox": lambda stopping: relay(engine, "scoring", publisher.publish, stopping),
        "indices": lambda stopping: publish_indices(
            engine, policies.named, publisher.publish, lambda: runner.partitions, stopping
        ),
    }
    try:
        yield Service(Starlette(routes=health.routes()), health, loops)
    finally:
        await publisher.stop()
        async with asyncio.timeout(5):
            await engine.dispose()


def main() -> None:
    """Start, and block until SIGTERM."""
    run("scorer", ScorerSettings, wire)


if __name__ == "__main__":
    main()
