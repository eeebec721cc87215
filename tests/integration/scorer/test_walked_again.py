"""What was known of a product at any instant is made again from its stored events, to the bit."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.risk.state import encode
from sealwatch.scoring.history import Recorded, walked_again
from sealwatch.shell.policy_documents import load_version, version_in
from sealwatch_scorer.rows import product_of
from sealwatch_scorer.store import PostgresStore
from tests.factories import DAY_MS, NOON, NOON_MS, description, inspection, override, received, retraction
from tests.integration.scorer.tape import another, play, published_on, with_harm

TOPIC = "sealwatch.evidence.v1"
GRAVER, MILDER = (
    another("2026.3", "2026-03-02", **with_harm(0.2)),
    another("2026.4", "2026-03-04", **with_harm(0.001)),
)
VERSIONS = [load_version().policy, version_in(GRAVER).policy, version_in(MILDER).policy]
PRODUCTS, PARTITIONS, STEPS = 5, 2, 160
CUTS = range(8, STEPS + 1, 8)
POISON = b"\xff not json"


def policy_on(day):
    return VERSIONS[(day >= date(2026, 3, 2)) + (day >= date(2026, 3, 4))]


def body_of(random, step):
    product = f"P{random.randrange(PRODUCTS)}"
    of = f"lot-{random.randrange(STEPS)}"  # seen before, not arrived yet, or of another product
    age = timedelta(days=random.choice((0, 1, 20, 370)))
    at = NOON + timedelta(milliseconds=step * DAY_MS // 35)
    return random.choices(
        (
            inspection(product, f"lot-{step}", failed=random.random() < 0.25, sampled_at=NOON - age),
            retraction(product, f"back-{step}", of=of),
            description(product, random.randrange(1, 9), random.randrange(1, 5)),
            override(product, step, random.choice((None, "low", "serious")), at + timedelta(hours=20)),
        ),
        weights=(12, 4, 1, 2),
    )[0]


def log(seed):
    """Return events of four days whose append times also step back, a letter here and there."""
    random, offsets, records = Random(seed), [0] * PARTITIONS, []  # noqa: S311  # not for secrets
    for step in range(STEPS):
        body = body_of(random, step)
        partition = int(body["product_id"][1:]) % PARTITIONS
        at = NOON_MS + step * DAY_MS // 35 - random.choice((0, 0, 0, 5_000, DAY_MS // 8))
        made = received(body, offsets[partition], at, partition)
        records.append(made._replace(value=POISON) if random.random() < 0.04 else made)
        offsets[partition] += 1
    return records


class Bench:
    """A real scorer's tables, and the products that they and the walk give."""

    def __init__(self, engine, watch):
        self.engine, self.watch = engine, watch
        self.store = PostgresStore(engine, TOPIC)

    async def live(self):
        return [product_of(row) for row in await self.watch.fetch("select * from scoring.product_state")]

    async def positions(self):
        """Return instant and next offset of each partition."""
        rows = await self.watch.fetch("select partition, instant_ms, next_offset from scoring.positions")
        return {partition: (instant_ms, offset) for partition, instant_ms, offset in rows}

    async def is_past(self, product, until_ms, next_offset):
        """Return the instant, unless what came later has the very same: then it tells no two states apart."""
        recorded = await self.recorded(product.product_id)
        after = [one for one in recorded if one.record.offset >= next_offset]
        return None if any(one.instant_ms == until_ms for one in after) else until_ms

    async def recorded(self, product_id):
        rows = await self.watch.fetch("select * from scoring.events where product_id = $1", product_id)
        return [Recorded(_record(row), _ms(row["instant"])) for row in rows]

    async def again(self, product, until_ms):
        return walked_again(await self.recorded(product.product_id), policy_on, until_ms)


def _ms(instant):
    return round(instant.timestamp() * 1000)


def _record(row):
    headers = unpacked_headers(row["headers"])
    key = row["product_id"].encode()
    place = (row["partition"], row["offset"], _ms(row["appended"]))
    return Received(TOPIC, *place, key, row["body"], headers)


def told(product):
    """Return what a walk must give: all but the counters of transactions and of what was published."""
    return (
        product.product_id, product.partition, encode(product.state), product.standing, product.override,
        product.override_revision, product.changes, product.events, product.newest_at, product.stale,
        product.described, product.facts_revision,
    )  # fmt: skip


@pytest.fixture(scope="module")
async def database(postgres):
    async with published_on(postgres, GRAVER, MILDER) as (engine, watch):
        yield Bench(engine, watch)


@pytest.fixture
async def bench(database):
    names = "positions, seen, events, product_state, level_changes, outbox, tombstones, quarantine, rollups"
    tables = ", ".join(f"scoring.{name.strip()}" for name in names.split(","))
    await database.watch.execute(f"truncate {tables}, scoring.dead_letters")
    return database


@pytest.mark.parametrize("seed", range(6))
async def test_after_every_poll_the_stored_events_give_what_the_scorer_holds(bench, seed):
    records, seen = log(seed), []

    for _ in CUTS:
        await play(bench.engine, bench.store, records, [3], CUTS.step)
        positions = await bench.positions()
        for product in await bench.live():
            past = await bench.again(product, positions[product.partition][0])
            assert told(past.product) == told(product)
            seen.append((product, *positions[product.partition]))

    later = [(one, until_ms) for one in seen if (until_ms := await bench.is_past(*one))]
    for (product, *_), until_ms in later:
        assert told((await bench.again(product, until_ms)).product) == told(product)
    assert len(later) > len(seen) // 2 > PRODUCTS


@pytest.mark.parametrize("seed", range(6, 8))
async def test_the_changes_of_a_walk_are_the_recorded_ones(bench, seed):
    await play(bench.engine, bench.store, log(seed), [7])

    for product in await bench.live():
        past = await bench.again(product, (await bench.positions())[product.partition][0])
        rows = await bench.watch.fetch(
            "select uid, before, after, reason, index, policy_version, changed_at, state, model_level "
            "from scoring.level_changes where product_id = $1 order by sequence", product.product_id,
        )  # fmt: skip
        made = [
            (c.uid, c.before, c.product.level, c.reason, c.ranking.index, policy_of(c).version,
             datetime.fromtimestamp(c.at, UTC), encode(c.product.state), c.product.standing.level)
            for c in past.changes
        ]  # fmt: skip
        assert [(*row[:7], row[8]) for row in map(tuple, rows)] == [(*one[:7], one[8]) for one in made]
        assert all(row["state"] in (None, one[7]) for row, one in zip(rows, made, strict=True))


def policy_of(change):
    return policy_on(datetime.fromtimestamp(change.at, UTC).date())


async def test_nothing_was_known_before_the_first_event(bench):
    await play(bench.engine, bench.store, log(1), [7])

    product = (await bench.live())[0]
    first = min(one.instant_ms for one in await bench.recorded(product.product_id))

    assert await bench.again(product, first - 1) is None
    assert (await bench.again(product, first)).product.events == 1
