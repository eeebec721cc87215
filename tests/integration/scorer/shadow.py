"""A database that a scorer filled, and rescorings of it as the command makes them, lane by lane."""

from datetime import date

import asyncpg

from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policy_documents import version_in
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.rescoring.lane import Sizes
from sealwatch_scorer.rescoring.outcome import blast_of, compared
from sealwatch_scorer.rescoring.plan import Wish
from sealwatch_scorer.rescoring.process import opened as opened_lane
from sealwatch_scorer.rescoring.register import Rescoring, begun
from sealwatch_scorer.rescoring.store import LaneStore
from sealwatch_scorer.store import PostgresStore
from tests.integration.scorer.tape import BASE, play

TOPIC = "sealwatch.evidence.v1"
# What a product is by what was recorded; revisions and what was published depend on where polls were cut.
RECORDED = (
    "product_id, state, level, start_level, below_since, changes, facts_known, facts_revision, category, "
    "severity_class, region, events, newest_evidence_at, stale, index, policy_version, assessed_at, "
    "last_event_uid"
)


class Shadowed:
    """One database with a scorer's work in it."""

    def __init__(self, url, engine, watch):
        self.url, self.engine, self.watch = url, engine, watch
        self.store = PostgresStore(engine, TOPIC)

    async def play(self, log, sizes=(7,), **when):
        await play(self.engine, self.store, log, list(sizes), **when)

    async def rescore(self, name, document=None, *, lanes=2, sizes=None, store=LaneStore, **wish):
        """Begin a rescoring, or go on with it, and take every lane to its end."""
        version = BASE if document is None else version_in(document)
        named = None if document is None else version.policy.version
        asked = Rescoring(name, Wish(named, version.digest, **wish), version.document, lanes)
        return await self.walk(asked, sizes or Sizes(), store)

    async def walk(self, asked, sizes, store=LaneStore):
        """Begin a rescoring and take every lane to its end."""
        begun_as = await begun(self.watch, asked, utc_now())
        for lane in range(asked.lanes):
            async with opened_lane(self.engine, asked.name, lane, sizes, store) as walking:
                await walking.run()
        return begun_as

    async def compared(self, name):
        return await compared(self.watch, name, 10)

    async def blast_of(self, name):
        return await blast_of(self.watch, name, 1000)

    async def states(self, name=None):
        """Return the products as they are live, or in a shadow."""
        table = "product_state" if name is None else f"rescored_states where name = '{name}'"
        rows = await self.watch.fetch(f"select {RECORDED} from scoring.{table} order by 1")  # noqa: S608
        return [tuple(row) for row in rows]

    async def groups(self):
        rows = await self.watch.fetch("select * from scoring.rollups order by 1, 2, 3, 4")
        return [tuple(row) for row in rows]

    async def levels(self):
        return dict(await self.watch.fetch("select product_id, level from scoring.product_state"))

    async def close(self):
        await self.watch.close()
        await self.engine.dispose()


async def opened(url):
    """Return a database that was migrated."""
    await migrate(url, date(2026, 3, 1))
    engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")
    return Shadowed(url, engine, await asyncpg.connect(url))
