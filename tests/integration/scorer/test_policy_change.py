"""A published policy takes effect at a midnight of the log, however the log is read."""

import json
from datetime import date

import pytest

from sealwatch_scorer.indices import publish_once
from sealwatch_scorer.store import PostgresStore
from tests.factories import DAY_MS, NOON_MS, inspection, received
from tests.integration.scorer.tape import BASE, another, play, publish, published_on, with_harm

TOPIC = "sealwatch.evidence.v1"
GRAVER, MILDER = (
    another("2026.3", "2026-03-02", **with_harm(0.2)),
    another("2026.4", "2026-03-04", **with_harm(0.001)),
)
TABLES = "positions, seen, events, product_state, level_changes, outbox, tombstones, quarantine, rollups"


def log():
    """Return six products over four days in two partitions, the second one half a day behind."""
    records, offsets = [], [0, 0]
    for step in range(36):
        partition, product = step % 2, f"P{step % 6}"
        at = NOON_MS + step * DAY_MS // 12 - partition * DAY_MS // 2
        body = inspection(product, f"lot-{step}", failed=step % 6 == 0 or step % 7 == 0)
        records.append(received(body, offsets[partition], at, partition))
        offsets[partition] += 1
    return records


LOG = log()


class Bench:
    """A store, and what stands in its tables."""

    def __init__(self, engine, watch):
        self.engine, self.watch = engine, watch
        self.store = PostgresStore(engine, TOPIC)

    async def run(self, sizes, most=10_000):
        return await play(self.engine, self.store, LOG, sizes, most)

    async def found(self):
        states = await self.watch.fetch(
            "select product_id, state, level, changes, below_since, policy_version "
            "from scoring.product_state order by 1"
        )
        changes = await self.watch.fetch(
            "select uid, product_id, sequence, before, after, reason, index, policy_version, changed_at "
            "from scoring.level_changes order by 2, 3"
        )
        groups = await self.watch.fetch("select * from scoring.rollups order by 1, 2, 3, 4")
        return tuple([tuple(row) for row in rows] for rows in (states, changes, groups))

    async def empty(self):
        await self.watch.execute(f"truncate scoring.{TABLES.replace(', ', ', scoring.')}")  # our own names


@pytest.fixture(scope="module")
async def database(postgres):
    async with published_on(postgres, GRAVER, MILDER) as (engine, watch):
        yield Bench(engine, watch)


@pytest.fixture
async def bench(database):
    await database.empty()
    return database


@pytest.fixture(scope="module")
async def one_by_one(database):
    await database.empty()
    await database.run([1])
    return await database.found()


async def test_each_policy_moves_levels_at_its_midnight_in_both_directions(one_by_one):
    states, changes, _ = one_by_one

    redecided = {(row[7], str(row[8])[:16], row[4] > row[3]) for row in changes if row[5] == "redecided"}
    assert {row[5] for row in states} == {"2026.4"}
    assert redecided == {("2026.3", "2026-03-02 00:00", True), ("2026.4", "2026-03-04 00:00", False)}


async def test_every_change_names_the_version_that_was_in_force_at_its_instant(one_by_one):
    _, changes, _ = one_by_one

    in_force = [
        "2026.2" if str(row[8]) < "2026-03-02" else "2026.3" if str(row[8]) < "2026-03-04" else "2026.4"
        for row in changes
    ]
    assert [row[7] for row in changes] == in_force
    assert set(in_force) == {"2026.2", "2026.3", "2026.4"}


@pytest.mark.parametrize("sizes", [[36], [2], [5], [7, 1, 3], [11, 2], [1, 9]], ids=str)
async def test_levels_and_versions_do_not_depend_on_where_polls_are_cut(bench, one_by_one, sizes):
    await bench.run(sizes)

    assert await bench.found() == one_by_one


@pytest.mark.parametrize("most", range(3, 36, 4))
async def test_levels_and_versions_do_not_depend_on_a_restart(bench, one_by_one, most):
    await bench.run([5], most)
    await bench.run([4])

    assert await bench.found() == one_by_one


async def test_a_version_for_a_later_day_changes_nothing_before(bench):
    await bench.run([3], 6)

    states, changes, _ = await bench.found()
    assert {row[5] for row in states} == {"2026.2"} == {row[7] for row in changes}


async def test_an_index_is_published_under_the_version_that_made_it(bench):
    policies = await bench.run([6])
    told = []

    async def note(records):
        told.extend(json.loads(record.value) for record in records)

    count = await publish_once(bench.engine, policies.named, note, [0, 1])

    assert count == len(told) == 6
    assert {one["policy_version"] for one in told} == {"2026.4"}


async def test_a_version_that_folds_otherwise_is_refused_and_the_old_one_goes_on(bench, one_by_one):
    quality = {**BASE.document["quality"], "unaccredited": 0.4}
    await publish(bench.watch, another("2026.5", "2026-03-03", quality=quality))

    policies = await bench.run([5])

    [states, changes, _], [_, before, _] = await bench.found(), one_by_one
    assert "2026.5" not in {row[5] for row in states} | {row[7] for row in changes}
    assert changes == before
    assert (await policies.on(date(2026, 3, 3))).version == "2026.3"
