"""Retractions on a real PostgreSQL: what they read of a product with many events, and who waits for whom."""

import asyncio
import json
from datetime import UTC, date, datetime

import asyncpg
import pytest

from sealwatch.contracts.base import uid_of
from sealwatch.risk.evidence import evidence
from sealwatch.risk.floors import Check
from sealwatch.scoring.maxima import EVIDENCE, FAILED, PASSED
from sealwatch.scoring.pack import packed
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer import sql
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.policies import alone
from sealwatch_scorer.score import Scorer
from sealwatch_scorer.store import PostgresStore
from tests.factories import NOON, inspection, received, retraction

TOPIC = "sealwatch.evidence.v1"
EVENTS, PAGE = 30_000, 4
AT = int(NOON.timestamp())
PIECE = evidence("COPY", "municipal", 0, 1, quality=1, at=AT, half_life=7 * 86_400)
SAID = {
    EVIDENCE: (PIECE,),
    PASSED: (PIECE, Check("GB 1", "lead", AT, failed=False)),
    FAILED: (PIECE, Check("GB 1", "lead", AT, failed=True)),
}
# Three months of one product, an event of each kind in turn.
FILL = """
insert into scoring.events (appended, partition, "offset", uid, product_id, type, organisation, source,
                            occurred_at, headers, body, folded, instant, bears)
select t, 0, n, sha256(n::text::bytea), 'P1', 'inspection.reported.v1', 'lab', 'lims', t, '', '',
       ($2::bytea[])[1 + n % 3], t, 1 + n % 3
from generate_series(1, $1::int) n cross join lateral (
    select timestamptz '2026-03-02 00:00Z' + n * interval '4 minutes' as t) at
"""


@pytest.fixture
async def watch(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    connection = await asyncpg.connect(url)
    yield connection, url
    await connection.close()


@pytest.fixture
async def engine(watch):
    made = open_engine(ScorerSettings(database_url=watch[1]), "sealwatch_scorer", application="test")
    yield made
    await made.dispose()


def nodes(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


async def plan_of(connection):
    """Return the plan of one search in all streams, as it was executed."""
    until = datetime(2026, 5, 20, tzinfo=UTC)
    values = (["P1"] * 3, [EVIDENCE, PASSED, FAILED], [until] * 3, [b"\0" * 16], PAGE)
    async with connection.transaction():
        await connection.execute(sql.BY_THE_INDEX)
        [(raw,)] = await connection.fetch("explain (analyze, timing off, format json) " + sql.OLDER, *values)
    return [node for node in nodes(json.loads(raw)[0]["Plan"]) if "events" in node.get("Relation Name", "")]


@pytest.mark.parametrize("statistics", ["select 1", "analyze scoring.events"], ids=["without", "with"])
async def test_a_search_walks_the_index_and_reads_a_page_of_a_month_whatever_the_statistics(
    watch, statistics
):
    connection, _ = watch
    await connection.fetch(FILL, EVENTS, [packed(SAID[n]) for n in (EVIDENCE, PASSED, FAILED)])
    await connection.execute(statistics)

    scans = await plan_of(connection)

    read_of_each = [node["Actual Rows"] * node["Actual Loops"] for node in scans]
    assert {node["Node Type"] for node in scans} == {"Index Scan"}
    assert all("bears" in node["Index Cond"] and "occurred_at" in node["Index Cond"] for node in scans)
    assert len({node["Relation Name"] for node in scans if node["Actual Rows"]}) == 3
    assert sum(read_of_each) <= 3 * 3 * PAGE
    assert sum(node.get("Rows Removed by Filter", 0) for node in scans) == 0


async def test_what_was_taken_back_leaves_the_streams(watch, engine):
    connection, _ = watch
    scorer = Scorer(PostgresStore(engine, TOPIC), alone(load_version()), Memory(9))
    await commit(engine, scorer, inspection(), inspection(event_id="lot-2"))

    await commit(engine, scorer, retraction())

    rows = await connection.fetch("select bears, retracted_by is null from scoring.events")
    assert sorted(map(tuple, rows)) == [(0, False), (0, True), (1, True)]


async def commit(engine, scorer, *bodies, partition=0):
    store = PostgresStore(engine, TOPIC)
    positions = await store.positions({partition: 0})
    start = positions[partition].next_offset
    records = [received(body, start + n, AT * 1000 + start + n, partition) for n, body in enumerate(bodies)]
    await scorer.commit(polled(map(read, records), positions, {}))


@pytest.mark.parametrize("finder", [0, 1], ids=["the retraction goes first", "the event goes first"])
async def test_a_strange_retraction_and_its_event_in_two_partitions_at_once_find_each_other(
    watch, engine, finder
):
    connection, _ = watch
    turns = [(inspection(failed=True), 0), (retraction("P2", "strange"), 1)]
    if finder == 0:
        turns.reverse()
    (first, one), (second, other) = turns
    held = Held(engine)
    going = asyncio.create_task(
        commit(engine, Scorer(held, alone(load_version()), Memory(9)), first, partition=one)
    )
    await held.written.wait()

    late = Scorer(PostgresStore(engine, TOPIC), alone(load_version()), Memory(9))
    coming = asyncio.create_task(commit(engine, late, second, partition=other))
    await until_somebody_waits(connection)
    held.go.set()
    await asyncio.gather(going, coming)

    aside = await connection.fetch("select uid, reason from scoring.quarantine")
    assert [tuple(row) for row in aside] == [(uid_of("lab", "lims", "strange"), "product_mismatch")]


class Held(PostgresStore):
    """Stops a transaction before it commits."""

    def __init__(self, engine):
        super().__init__(engine, TOPIC)
        self.written, self.go = asyncio.Event(), asyncio.Event()

    def begin(self):
        return self._held(super().begin())

    def _held(self, opened):
        return Stopped(opened, self)


class Stopped:
    def __init__(self, opened, store):
        self.opened, self.store = opened, store

    async def __aenter__(self):
        return await self.opened.__aenter__()

    async def __aexit__(self, *error):
        self.store.written.set()
        await self.store.go.wait()
        return await self.opened.__aexit__(*error)


async def until_somebody_waits(connection):
    waiting = (
        "select count(*) from pg_stat_activity "
        "where wait_event_type = 'Lock' and datname = current_database()"
    )
    async with asyncio.timeout(10):
        while not await connection.fetchval(waiting):  # noqa: ASYNC110  # another connection's wait
            await asyncio.sleep(0.02)
