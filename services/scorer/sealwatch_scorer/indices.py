"""The latest index of a product, published after the commit that made it; a due row survives a crash."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.codec import Envelope, Record, encode
from sealwatch.contracts.told import ToldAssessment, ToldFloor, written
from sealwatch.contracts.topics import RISK_INDICES
from sealwatch.errors import BrokerUnavailable
from sealwatch.risk.floors import Clause, open_floors
from sealwatch.risk.index import Bracket, Interval, Item, Ranking, brackets, rounded
from sealwatch.risk.policy import Level, Policy
from sealwatch.scoring.product import Product
from sealwatch.shell.db import TRANSIENT, driver_of
from sealwatch.shell.outbox import Publish
from sealwatch.shell.serve import wait_or_stop
from sealwatch_scorer import sql
from sealwatch_scorer.news import SCORER
from sealwatch_scorer.rows import product_of

MOST_ROWS = 500  # a slice small enough that scoring beside it is not held up; ours
PAUSE_SECONDS = 0.25
SCORING_FIRST = 19  # pauses so many times as long as a slice took: under load only the latest index counts
Named = Callable[[str], Awaitable[Policy | None]]


async def publish_indices(
    engine: AsyncEngine,
    named: Named,
    publish: Publish,
    partitions: Callable[[], list[int]],
    stopping: asyncio.Event,
) -> None:
    """Publish due assessments of owned partitions until asked to stop; trouble is waited out."""
    now = asyncio.get_running_loop().time
    while not stopping.is_set():
        began = now()
        try:
            await publish_once(engine, named, publish, partitions())
        except (BrokerUnavailable, DBAPIError, *TRANSIENT):
            await wait_or_stop(stopping, 1.0)
        await wait_or_stop(stopping, max(PAUSE_SECONDS, SCORING_FIRST * (now() - began)))


async def publish_once(engine: AsyncEngine, named: Named, publish: Publish, partitions: list[int]) -> int:
    """Publish one slice and return its size."""
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        rows = await driver.fetch(sql.DUE, partitions, MOST_ROWS) if partitions else []
        if not rows:
            return 0
        await publish(await records_of(rows, named))
        ids = [row["product_id"] for row in rows]
        await driver.execute(sql.PUBLISHED, ids, [row["revision"] for row in rows])
    return len(rows)


async def records_of(rows: Sequence[asyncpg.Record], named: Named) -> list[Record]:
    """Return each assessment under the policy version that its row names.

    Where nobody can read that version the row itself is told: what it holds was worked out under it.
    An interval and open floors would be another version's, so there are none, as in the api's answers.
    """
    records: list[Record] = []
    for version in sorted({row["policy_version"] for row in rows}):
        own = [row for row in rows if row["policy_version"] == version]
        policy = await named(version)
        records += (
            _records(own, policy) if policy else [_record(row, product_of(row), _held(row)) for row in own]
        )
    return records


def _records(rows: Sequence[asyncpg.Record], policy: Policy) -> list[Record]:
    products = [product_of(row) for row in rows]
    instants = [int(row["assessed_at"].timestamp()) for row in rows]
    items = [Item(p.state, p.facts(policy), at) for p, at in zip(products, instants, strict=True)]
    found = brackets(items, policy)
    limits = policy.thresholds
    floors = [open_floors(item.state.floors, item.at, limits) for item in items]
    return [_record(*one) for one in zip(rows, products, found, floors, strict=True)]


def _held(row: asyncpg.Record) -> Bracket:
    """Return what a row says of itself."""
    ranking = Ranking(
        Level(row["indicated"]), row["severity_class"], rounded(row["index"]), main_factor=row["main_factor"]
    )
    return Bracket(ranking, Interval())


def _record(row: asyncpg.Record, product: Product, seen: Bracket, floors: Sequence[Clause] = ()) -> Record:
    standing, described, ranking = product.standing, product.described, seen.ranking
    told = ToldAssessment(
        product_id=product.product_id,
        category=described.category if described else None,
        enterprise_id=described.enterprise_id if described else None,
        region=described.region if described else None,
        severity_class=row["severity_class"],
        facts_known=described is not None,
        facts_revision=product.facts_revision,
        policy_version=row["policy_version"],
        last_event_uid=row["last_event_uid"].hex(),
        revision=product.revision,
        risk_level=product.level.word,
        indicated=ranking.indicated.word,
        index=ranking.index,
        index_p05=seen.interval.ri05,
        index_p50=seen.interval.ri50,
        index_p95=seen.interval.ri95,
        main_factor=ranking.main_factor,
        below_since=standing.below_since.isoformat() if standing.below_since else None,
        assessed_at=row["assessed_at"].isoformat(),
        stale=product.stale,
        floors=tuple(ToldFloor(*clause) for clause in floors),
        model_level=standing.level.word,
        override_until=row["override_until"].isoformat() if row["override_until"] else None,
    )
    uid = derived_uid("risk.assessed", product.product_id, str(product.revision))
    envelope = Envelope("risk.assessed.v1", uid, product.product_id, row["assessed_at"])
    return encode(envelope, written(told), SCORER, RISK_INDICES.name)
