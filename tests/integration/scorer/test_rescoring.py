"""Stored events scored once more come to the very bytes of the live state."""

import contextlib
from datetime import UTC, datetime

import pytest

from sealwatch.errors import Fenced
from sealwatch_scorer.rescoring.lane import Sizes
from sealwatch_scorer.rescoring.process import opened as opened_lane
from sealwatch_scorer.rescoring.register import Conflict
from sealwatch_scorer.rescoring.store import LaneStore
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import another, publish, with_harm

DAYS, A_DAY = 30, 40
LOG = history(DAYS, A_DAY)
AFTER = datetime(2026, 4, 20, 12, tzinfo=UTC)
GRAVER = another("2026.3", "2026-03-11", **with_harm(0.2))


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


class Killed(Exception):  # noqa: N818  # the end of a process, not a fault
    """The process is gone."""


class Dying(LaneStore):
    """A store whose process is killed at its third save: before it, or when it is committed."""

    saves = 0

    async def save(self, *what):
        Dying.saves += 1
        if Dying.saves % 6 == 3:
            raise Killed
        await super().save(*what)
        if Dying.saves % 6 == 0:
            raise Killed


async def test_a_lane_that_is_killed_goes_on_from_what_it_saved(live):
    sizes, seen = Sizes(slice=20, saved_after=60), []
    for _ in range(3):
        with contextlib.suppress(Killed):
            await live.rescore("killed", sizes=sizes, store=Dying)
        seen.append(
            await live.watch.fetchval("select sum(events) from scoring.rescoring_lanes where name = 'killed'")
        )

    await live.rescore("killed", sizes=sizes)

    comparison = await live.compared("killed")
    assert comparison.equal, comparison
    assert seen == sorted(set(seen))
    assert 0 < seen[-1] < await live.watch.fetchval("select count(*) from scoring.events")


async def test_two_processes_cannot_walk_one_lane(live):
    class Overtaken(LaneStore):
        async def save(self, *what):
            async with opened_lane(live.engine, "twice", 0, Sizes()) as other:
                await other.run()
            await super().save(*what)

    with pytest.raises(Fenced):
        await live.rescore("twice", store=Overtaken)


async def test_a_name_keeps_what_it_was_asked_for(live):
    await live.rescore("named")

    with pytest.raises(Conflict):
        await live.rescore("named", GRAVER)


async def test_a_comparison_says_where_live_scoring_has_moved_on_and_what_differs(live):
    await live.rescore("stale")
    await live.watch.execute("update scoring.rescoring_bounds set next_offset = 1 where name = 'stale'")
    await live.watch.execute("update scoring.rescored_states set level = 0 where name = 'stale'")

    comparison = await live.compared("stale")

    assert (list(comparison.moved), comparison.count, comparison.equal) == ([0, 1, 2], 12, False)
    assert [next(iter(one["columns"])) for one in comparison.products] == ["level"] * 10
