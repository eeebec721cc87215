"""``python -m sealwatch_scorer.rescoring.process NAME LANE``: one lane as a process of its own."""

import asyncio
import gc
import sys
from collections.abc import Callable
from functools import partial

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.errors import Misconfigured
from sealwatch.shell.db import driver_of, open_engine
from sealwatch.shell.settings import ScorerSettings, load
from sealwatch_scorer.policies import Policies, alone
from sealwatch_scorer.published import published
from sealwatch_scorer.rescoring.lane import Lane, Sizes
from sealwatch_scorer.rescoring.plan import DAY, Limits
from sealwatch_scorer.rescoring.register import Rescoring, found
from sealwatch_scorer.rescoring.store import LaneStore
from sealwatch_scorer.rescoring.walking import Walk

ROLE = "sealwatch_scorer"
APPLICATION = "sealwatch-rescore"


MakeStore = Callable[[asyncpg.Connection, str, int], LaneStore]


async def walk_lane(
    engine: AsyncEngine, name: str, number: int, sizes: Sizes, make_store: MakeStore = LaneStore
) -> None:
    """Take one lane of a rescoring from where it stands to its end."""
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        rescoring = await found(driver, name)
        if rescoring is None:
            raise Misconfigured(f"there is no rescoring {name}")
        lane = await _opened(make_store(driver, name, number), rescoring, _policies(engine, rescoring), sizes)
        await lane.run()


async def _opened(store: LaneStore, rescoring: Rescoring, policies: Policies, sizes: Sizes) -> Lane:
    limits = Limits(await store.bounds(), rescoring.wish.known_at, rescoring.wish.as_of)
    saved = await store.reached()
    walk = Walk(await store.products(limits.bounds), await store.stones())
    day = None if saved.swept_through is None else saved.swept_through + DAY
    return Lane(store, policies, limits, walk, saved, sizes, day)


def _policies(engine: AsyncEngine, rescoring: Rescoring) -> Policies:
    if rescoring.wish.policy_version is not None:
        return alone(rescoring.version)
    return Policies(rescoring.version, partial(published, engine))


async def _run(name: str, lane: int) -> None:
    engine = open_engine(load(ScorerSettings), ROLE, application=APPLICATION)
    try:
        await walk_lane(engine, name, lane, Sizes())
    finally:
        await engine.dispose()


def main() -> None:
    """Walk one lane."""
    name, lane = sys.argv[1:]
    gc.disable()  # a walk makes no cycles, and looking for them among so many products costs a third
    asyncio.run(_run(name, int(lane)))


if __name__ == "__main__":
    main()
