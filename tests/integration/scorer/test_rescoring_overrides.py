"""What a person said of a level is scored again like any event, and compared like any column."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import DAY_MS, NOON, NOON_MS, inspection, override, received
from tests.integration.scorer.shadow import opened

AFTER = datetime(2026, 3, 6, 12, tzinfo=UTC)
LONG, SHORT = NOON + timedelta(days=90), NOON + timedelta(days=2)
LOG = [
    received(body, offset, NOON_MS + offset * 1000)
    for offset, body in enumerate(
        [
            inspection("P1", "lot-1"),
            override("P1", 1, "serious", LONG),
            inspection("P2", "lot-2"),
            override("P2", 2, "high", SHORT),
            inspection("P3", "lot-3"),
            override("P3", 3, "high", LONG),
            override("P3", 4, None),
        ]
    )
] + [received(inspection("P1", "later"), 7, NOON_MS + 4 * DAY_MS)]


@pytest.fixture(scope="module")
async def live(postgres):
    database = await opened(postgres.fresh())
    await database.play(LOG, [2, 3], now=AFTER)
    yield database
    await database.close()


async def test_overrides_that_stand_that_ended_and_that_were_taken_back_are_the_live_ones(live):
    await live.rescore("again")

    comparison = await live.compared("again")

    held = "select product_id, override_level, override_revision from scoring.product_state order by 1"
    assert comparison.equal, comparison
    assert list(map(tuple, await live.watch.fetch(held))) == [("P1", 4, 1), ("P2", None, 2), ("P3", None, 4)]


@pytest.mark.parametrize(
    "change",
    [
        "override_level = 3",
        "override_until = override_until + interval '1 s'",
        "override_revision = override_revision + 1",
    ],
)
async def test_an_override_that_differs_is_a_difference(live, change):
    name = change.partition(" ")[0]
    await live.rescore(name)
    await live.watch.execute(
        f"update scoring.rescored_states set {change} where name = '{name}' and product_id = 'P1'"  # noqa: S608
    )

    comparison = await live.compared(name)

    assert (comparison.count, comparison.equal) == (1, False)
    assert list(comparison.products[0]["columns"]) == [name]
