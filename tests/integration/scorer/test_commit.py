"""One poll in one transaction, on a real PostgreSQL."""

from datetime import date

import asyncpg
import pytest

from sealwatch.errors import Fenced
from sealwatch.risk.state import EMPTY, decode
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.pages import PAGE
from sealwatch_scorer.policies import alone
from sealwatch_scorer.score import Scorer
from sealwatch_scorer.store import FEW_STONES, PostgresStore, PostgresTransaction
from tests.factories import NOON_MS, READERS, heard, inspection, received, retraction

BASE = load_version()
TOPIC = "sealwatch.evidence.v1"
OTHERS = """
insert into scoring.tombstones (uid, product_id, retracted_by, appended)
select decode(md5(n::text), 'hex'), 'P9', decode(md5(''), 'hex'), now() from generate_series(1, $1) n
"""


class Bench:
    """A store with a scorer on it, and a look at its tables."""

    def __init__(self, engine, watch):
        self.store, self.watch = PostgresStore(engine, TOPIC), watch
        self.scorer = self.another()

    def another(self):
        return Scorer(self.store, alone(BASE), Memory(1_000, loose=0))

    async def commit(self, *records, scorer=None):
        positions = await self.store.positions({0: 0})
        await (scorer or self.scorer).commit(polled(map(read, records), positions, {}))

    async def count(self, table):
        return await self.watch.fetchval(f"select count(*) from scoring.{table}")  # noqa: S608  # our own names

    async def states(self):
        return await self.watch.fetch(
            "select product_id, state, level, changes from scoring.product_state order by 1"
        )


@pytest.fixture
async def bench(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")
    watch = await asyncpg.connect(url)
    yield Bench(engine, watch)
    await watch.close()
    await engine.dispose()


def lots(count, start=0):
    return [
        received(inspection(event_id=f"lot-{n}", failed=n % 4 == 0), n) for n in range(start, start + count)
    ]


async def test_an_event_sent_twice_counts_once(bench):
    await bench.commit(*lots(5))
    once = await bench.states()

    await bench.commit(*[r._replace(offset=r.offset + 5) for r in lots(5)])

    assert await bench.states() == once
    assert await bench.count("events") == 5


async def test_a_poll_from_an_old_position_is_fenced_and_changes_nothing(bench):
    stale = polled(map(read, lots(3)), await bench.store.positions({0: 0}), {})
    await bench.commit(*lots(3))
    before = await bench.states()

    with pytest.raises(Fenced):
        await bench.another().commit(stale)

    assert (await bench.states(), await bench.count("seen")) == (before, 3)


async def test_memory_that_is_behind_the_database_is_fenced_by_the_revision(bench):
    behind = bench.another()
    await bench.commit(*lots(2), scorer=behind)
    await bench.commit(*lots(2, start=2))

    with pytest.raises(Fenced):
        await bench.commit(*lots(2, start=4), scorer=behind)


async def test_other_content_under_a_known_id_is_quarantined(bench):
    await bench.commit(received(inspection(), 0))

    await bench.commit(received(inspection(failed=True), 1))

    rows = await bench.watch.fetch('select reason, "offset" from scoring.quarantine')
    assert [tuple(row) for row in rows] == [("event_id_conflict", 1)]


async def test_a_contradiction_at_an_address_of_the_topic_before_is_quarantined_too(bench):
    await bench.commit(received(inspection(), 0), received(inspection(failed=True), 1))
    await bench.watch.execute("delete from scoring.positions")  # the topic was made anew: offsets begin again
    again = received(inspection(product_id="P2"), 1, NOON_MS + 1)

    await bench.commit(again)

    rows = await bench.watch.fetch('select product_id, "offset" from scoring.quarantine order by 1')
    assert [tuple(row) for row in rows] == [("P1", 1), ("P2", 1)]


async def test_a_stored_event_is_taken_back_to_the_bit_and_only_once(bench):
    await bench.commit(received(inspection(event_id="other"), 0))
    before = await bench.watch.fetchval("select state from scoring.product_state")
    await bench.commit(received(inspection(failed=True), 1))

    await bench.commit(received(retraction(), 2), received(retraction(event_id="back-2"), 3))

    assert await bench.watch.fetchval("select state from scoring.product_state") == before


async def test_a_retraction_that_came_first_keeps_its_event_out(bench):
    await bench.commit(received(retraction(), 0))

    await bench.commit(received(inspection(failed=True), 1))

    (row,) = await bench.states()
    assert row["level"] == 0


@pytest.mark.parametrize("others", [0, FEW_STONES + 1])
async def test_a_large_poll_finds_the_retraction_that_waits_for_it_however_many_wait(bench, others):
    await bench.watch.execute(OTHERS, others)
    await bench.commit(received(retraction(), 0))
    waited_for = await bench.watch.fetchval("select uid from scoring.tombstones where product_id <> 'P9'")
    uids = [waited_for, *(n.to_bytes(16) for n in range(FEW_STONES))]

    async with bench.store.begin() as tx:
        found = await tx.tombstones(uids)

    assert list(found) == [waited_for]


async def test_a_dead_letter_carries_its_address_and_its_bytes(bench):
    await bench.commit(received(inspection(), 0)._replace(value=b"nonsense"))

    row = await bench.watch.fetchrow("select topic, value from scoring.outbox")
    assert tuple(row) == ("sealwatch.dead-letters.v1", b"nonsense")


async def test_a_sweep_lowers_a_faded_level_and_moves_the_swept_day(bench):
    await bench.commit(*[received(inspection(event_id=f"lot-{n}"), n) for n in range(30)])
    position = (await bench.store.positions({0: 0}))[0]

    after = await bench.scorer.sweep(0, position, date(2026, 3, 20))

    (row,) = await bench.states()
    assert (row["level"], row["changes"], after.swept_through) == (1, 2, date(2026, 3, 20))


async def test_sweeps_end_a_low_that_only_opinion_held_also_where_an_earlier_release_wrote_it(bench):
    opinions = [received(heard(name, name), n, sender=READERS) for n, name in enumerate(("P1", "P2"))]
    await bench.commit(*opinions, received(inspection("P3", "P3"), 2))
    await bench.watch.execute("update scoring.product_state set level = 1, below_since = null, stale = true")
    await bench.watch.execute("update scoring.product_state set opinion_only = null where product_id = 'P2'")
    await bench.watch.execute("update scoring.positions set swept_through = '2029-02-28'")
    position = (await bench.store.positions({0: 0}))[0]

    waited = await bench.scorer.sweep(0, position, date(2029, 3, 14))
    before = await bench.states()
    await bench.scorer.sweep(0, waited, date(2029, 3, 15))

    assert [row["level"] for row in before] == [1, 1, 1]
    assert [row["level"] for row in await bench.states()] == [0, 0, 1]


async def test_a_sweep_of_more_products_than_a_page_holds_marks_every_silent_one(bench):
    names = [f"P{n}" for n in range(PAGE + 2)]
    await bench.commit(*[received(inspection(name, name), n) for n, name in enumerate(names)])
    await bench.watch.execute("update scoring.product_state set newest_evidence_at = '2020-01-01'")
    position = (await bench.store.positions({0: 0}))[0]

    await bench.another().sweep(0, position, date(2026, 3, 1))

    assert await bench.count("product_state where stale") == len(names)


async def test_a_sweep_that_another_owner_has_done_and_gone_on_from_is_fenced_and_sets_nothing_back(bench):
    await bench.commit(*lots(3))
    frozen = (await bench.store.positions({0: 0}))[0]
    await bench.another().sweep(0, frozen, date(2026, 3, 5))
    gone_on = await bench.store.positions({0: 0})

    with pytest.raises(Fenced):
        await bench.scorer.sweep(0, frozen, date(2026, 3, 1))

    assert await bench.store.positions({0: 0}) == gone_on


async def test_a_committed_poll_goes_on_where_another_scorer_left_off(bench):
    await bench.commit(*lots(3))
    whole = [received(inspection(event_id=f"lot-{n}", failed=n % 4 == 0), n) for n in range(6)]

    await bench.commit(*whole[3:], scorer=bench.another())

    assert await bench.count("events") == 6
    assert await bench.watch.fetchval("select next_offset from scoring.positions") == 6


async def test_a_retraction_that_comes_before_its_event_in_one_poll_takes_it_back(bench):
    back, lot = received(retraction(), 0), received(inspection(failed=True), 1)

    await bench.commit(back, lot)

    [row] = await bench.states()
    assert decode(row["state"]) == EMPTY
    assert await bench.count("quarantine") == 0


class Copying(PostgresTransaction):
    """Writes few events as it does many."""

    few = 0


class CopyingStore(PostgresStore):
    """Opens such transactions."""

    def transaction(self, driver):
        return Copying(driver, TOPIC)


EMPTIED = (
    "truncate scoring.positions, scoring.seen, scoring.events, scoring.level_changes, scoring.outbox, "
    "scoring.product_state, scoring.indices_due, scoring.rollups, scoring.tombstones, scoring.quarantine"
)
WRITTEN = (
    "select * from scoring.seen order by 1",
    'select * from scoring.events order by partition, "offset"',
    "select * from scoring.level_changes order by 1",
    "select lane, topic, key, value, headers from scoring.outbox order by outbox_id",
    "select * from scoring.product_state order by 1",
    "select * from scoring.indices_due order by 1",
    "select * from scoring.rollups order by 1, 2, 3, 4",
    "select uid, product_id, retracted_by from scoring.tombstones order by 1",
    "select uid, reason from scoring.quarantine order by 1",
)


async def test_few_events_leave_the_same_rows_as_if_they_were_many(bench):
    polls = [
        [received(inspection(f"P{n}", failed=True), n) for n in range(8)],
        [received(inspection("P1", f"again-{n}", failed=True), n) for n in range(8, 12)],
        [
            received(inspection("P2", "taken", failed=True), 12),
            received(retraction("P2", "back-1", "taken"), 13),
        ],
        [received(inspection("P0"), 14), received(retraction("P9", "back-2", "early"), 15)],
    ]
    seen = []

    for store in (bench.store, CopyingStore(bench.store._engine, TOPIC)):  # noqa: SLF001  # the same pool
        bench.store = store
        scorer = Scorer(store, alone(BASE), Memory(1000))
        for poll in polls:
            await bench.commit(*poll, scorer=scorer)
        seen.append([[tuple(row) for row in await bench.watch.fetch(sql)] for sql in WRITTEN])
        await bench.watch.execute(EMPTIED)

    assert seen[0] == seen[1]
    assert all(seen[0][:8])
