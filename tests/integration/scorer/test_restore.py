"""A database restored to yesterday, with its own positions, comes to the state of an undisturbed run."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import another, publish, with_harm

LOG = history(20, 30, seed=3)
HALF = len(LOG) // 2
AFTER = datetime(2026, 4, 20, 12, tzinfo=UTC)
GRAVER = another("2026.3", "2026-03-09", **with_harm(0.2))


async def copied(postgres, database):
    """Return a database that is what this one is now, as a restore makes it."""
    target = postgres.fresh()
    await database.close()
    names = [urlsplit(url).path.strip("/") for url in (database.url, target)]
    postgres.execute(f'DROP DATABASE "{names[1]}"')
    postgres.execute(f'CREATE DATABASE "{names[1]}" TEMPLATE "{names[0]}"')
    return await opened(database.url), await opened(target)


@pytest.mark.parametrize("sizes", [[8], [1, 30, 3]], ids=str)
async def test_consuming_on_from_a_restored_copy_ends_in_the_same_state(postgres, sizes):
    database = await opened(postgres.fresh())
    await publish(database.watch, GRAVER)
    await database.play(LOG, [7], most=HALF, now=AFTER)
    database, restored = await copied(postgres, database)

    await database.play(LOG, [7], now=AFTER)
    await restored.play(LOG, sizes, now=AFTER)

    assert await restored.states() == await database.states()
    assert await restored.groups() == await database.groups()
    await database.close()
    await restored.close()


async def test_a_log_read_again_from_its_start_counts_nothing_twice(postgres):
    database = await opened(postgres.fresh())
    await database.play(LOG, [7], now=AFTER)
    before = await database.states()
    await database.watch.execute(
        "update scoring.positions set next_offset = 0, last_offset = null, last_digest = null"
    )

    await database.play(LOG, [9], now=AFTER)

    assert [row[:4] for row in await database.states()] == [row[:4] for row in before]
    await database.close()
