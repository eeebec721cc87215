"""Stored events scored once more come to the very bytes of the live state."""

from datetime import UTC, datetime

import pytest

from sealwatch_scorer.rescoring.lane import Sizes
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import another, publish, with_harm

DAYS, A_DAY = 30, 40
LOG = history(DAYS, A_DAY)
AFTER = datetime(2026, 4, 20, 12, tzinfo=UTC)
GRAVER = another("2026.2", "2026-03-11", **with_harm(0.2))


@pytest.fixture(scope="module")
async def live(postgres):
    database = await opened(postgres.fresh())
    await publish(database.watch, GRAVER)
    await database.play(LOG, [7, 1, 13], now=AFTER)
    yield database
    await database.close()


@pytest.mark.parametrize("lanes", [1, 2, 4])
async def test_with_the_policies_that_were_in_force_every_byte_is_the_live_one(live, lanes):
    await live.rescore(f"again-{lanes}", lanes=lanes)

    comparison = await live.compared(f"again-{lanes}")

    assert comparison.equal, comparison
    assert await live.states(f"again-{lanes}") == await live.states()


@pytest.mark.parametrize("cut", [1, 3, 50, 499])
async def test_the_result_does_not_depend_on_where_slices_are_cut(live, cut):
    await live.rescore(f"cut-{cut}", sizes=Sizes(slice=cut, saved_after=2 * cut))

    comparison = await live.compared(f"cut-{cut}")

    assert comparison.equal, comparison
