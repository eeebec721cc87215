"""``python -m sealwatch_scorer.rescoring.process NAME LANE``: one lane as a process of its own."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.letters import fault_of
from sealwatch.errors import Misconfigured, SealwatchError
from sealwatch.scoring.step import Poisoned
from sealwatch.shell.db import driver_of, open_engine
from sealwatch.shell.settings import ScorerSettings, load
from sealwatch_scorer.policies import Policies, alone
from sealwatch_scorer.published import published
from sealwatch_scorer.rescoring.lane import Lane, Sizes
from sealwatch_scorer.rescoring.plan import BEGINNING, DAY, Cursor, Limits
from sealwatch_scorer.rescoring.register import Rescoring, found
from sealwatch_scorer.rescoring.store import LaneStore
from sealwatch_scorer.rescoring.walking import Before, Walk

ROLE = "sealwatch_scorer"
APPLICATION = "sealwatch-rescore"


MakeStore = Callable[[asyncpg.Connection, str, int], LaneStore]
EXIT_REFUSED = 1


@asynccontextmanager
async def opened(
    engine: AsyncEngine, name: str, number: int, sizes: Sizes, make_store: MakeStore = LaneStore
) -> AsyncIterator[Lane]:
    """Lend one lane of a rescoring as it stands."""
    async with engine.connect() as connection:
        driver = await driver_of(connection)
        rescoring = await found(driver, name)
        if rescoring is None:
            raise Misconfigured(f"there is no rescoring {name}")
        yield await _lane(make_store(driver, name, number), rescoring, _policies(engine, rescoring), sizes)


async def _lane(store: LaneStore, rescoring: Rescoring, policies: Policies, sizes: Sizes) -> Lane:
    await store.prepare()
    limits = Limits(await store.bounds(), rescoring.wish.known_at, rescoring.wish.as_of)
    saved = await store.reached()
    walk = Walk(await _before(store, limits, saved.cursor), policies.base, limits.as_of_ms)
    day = None if saved.swept_through is None else saved.swept_through + DAY
    return Lane(store, policies, limits, walk, saved, sizes, day)


async def _before(store: LaneStore, limits: Limits, cursor: Cursor) -> Before:
    fated = await store.fated(limits.bounds)
    pasts = await store.pasts(set(fated.values()), cursor) if cursor > BEGINNING else ()
    return Before(await store.products(limits.bounds), await store.stones(), fated, pasts)


def _policies(engine: AsyncEngine, rescoring: Rescoring) -> Policies:
    if rescoring.wish.policy_version is not None:
        return alone(rescoring.version)
    return Policies(rescoring.version, partial(published, engine))


def _tell(events: int) -> None:
    """Say how far it is; when nobody listens any more, the one who asked is gone and so are we."""
    sys.stdout.write(f"{events}\n")
    sys.stdout.flush()


async def _run(name: str, number: int) -> None:
    engine = open_engine(load(ScorerSettings), ROLE, application=APPLICATION)
    try:
        async with opened(engine, name, number, Sizes()) as lane:
            lane.tell = _tell
            await lane.run()
    finally:
        await engine.dispose()


def main() -> None:
    """Walk one lane; what went wrong is said in one line."""
    name, lane = sys.argv[1:]
    gc.disable()  # a walk makes no cycles, and looking for them among so many products takes a third
    try:
        asyncio.run(_run(name, int(lane)))
    except SealwatchError as error:
        sys.stderr.write(f"sealwatch: lane {lane}: {error}\n")
    except Poisoned as error:
        at, why = error.arrival.record, fault_of(error.__cause__ or error)
        sys.stderr.write(f"sealwatch: lane {lane}: partition {at.partition} offset {at.offset}: {why}\n")
    except BrokenPipeError:
        pass
    else:
        return
    raise SystemExit(EXIT_REFUSED)


if __name__ == "__main__":
    main()
