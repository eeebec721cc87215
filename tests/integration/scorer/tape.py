"""A recorded log that is played to a real Runner in chosen slices, and the registry beside it."""

import asyncio
import json
from contextlib import asynccontextmanager
from copy import deepcopy
from datetime import UTC, date, datetime
from functools import partial

import asyncpg

from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policy_documents import load_version, version_in
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.published import published
from sealwatch_scorer.run import Runner

BASE = load_version()
AFTERWARDS = datetime(2026, 3, 5, 12, tzinfo=UTC)  # when the runs below take place
IDLE_POLLS = 3  # after the end, so that quiet partitions are swept by the clock


class Tape:
    """What a member of the group sees of one log: slices of it, from where it was sent to."""

    generation = 1

    def __init__(self, log, sizes, most, stopping):
        self.log, self.sizes, self.most, self.stopping = log, sizes, most, stopping
        self.assigned = frozenset(record.partition for record in log)
        self.positions, self.played, self.idle = {}, 0, 0
        self.answered = True

    async def start(self, _deadline):
        """Join."""

    async def stop(self):
        """Leave."""

    async def commit_for_dashboards(self, offsets):
        """Tell nobody."""

    async def starts(self, partitions):
        return dict.fromkeys(partitions, 0)

    async def ends(self, partitions):
        return {p: sum(record.partition == p for record in self.log) for p in partitions}

    def pause(self, partitions):
        self.paused = set(partitions)

    def seek(self, positions):
        self.positions = dict(positions)

    async def poll(self, _most, _patience):
        size = self.sizes[self.played % len(self.sizes)]
        ahead = [r for r in self.log if r.offset >= self.positions.get(r.partition, 0)]
        taken = ahead[: min(size, self.most)]
        self.played, self.most = self.played + 1, self.most - len(taken)
        self.positions |= {record.partition: record.offset + 1 for record in taken}
        self.idle += not taken
        if self.idle > IDLE_POLLS:
            self.stopping.set()
        return taken


async def read_at(log, wanted):
    return {r.partition: r for r in log if wanted.get(r.partition) == r.offset}


@asynccontextmanager
async def published_on(postgres, *documents):
    """Yield an engine of the scorer and a watch on a fresh database with these policies published."""
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    watch = await asyncpg.connect(url)
    for document in documents:
        await publish(watch, document)
    engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")
    yield engine, watch
    await watch.close()
    await engine.dispose()


async def play(engine, store, log, sizes, most=10_000, *, now=AFTERWARDS, base=BASE):  # noqa: PLR0913  # as a test needs
    """Run a scorer that knows nothing over the log until it is idle at ``now``; return its policies."""
    stopping = asyncio.Event()
    tape = Tape(log, sizes, most, stopping)
    policies = Policies(base, partial(published, engine))
    runner = Runner(lambda: tape, store, policies, Memory(1_000, loose=1), partial(read_at, log))
    await asyncio.wait_for(runner.run(stopping, lambda: now), 60)
    return policies


def another(version, first_day, **parts):
    """Return the shipped document as another version, with other parts."""
    return deepcopy(dict(BASE.document)) | {"version": version, "effective_from": first_day} | parts


def with_harm(probability):
    """Return the shipped scenarios with another probability of harm given use."""
    scenarios = deepcopy(list(BASE.document["scenarios"]))
    for scenario in scenarios:
        scenario["steps"]["harm given use"] = probability
    return {"scenarios": scenarios}


async def publish(watch, document):
    """Put a version into the registry as somebody's draft that another published in February."""
    version = version_in(document)
    february = datetime(2026, 2, 20, tzinfo=UTC)
    await watch.execute(
        "insert into registry.policies (version, document, digest, effective_from, author, created_at, state,"
        " published_by, published_at, publication) values ($1, $2, $3, $4, 'a', $5, 'published', 'b', $5,"
        " (select count(*) + 1 from registry.policies))",
        document["version"],
        json.dumps(document),
        version.digest,
        date.fromisoformat(document["effective_from"]),
        february,
    )
