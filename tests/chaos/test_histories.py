"""Any order, duplicates, cuts, restarts and retractions, also strange ones: one state (docs/promises.md, P4).

Compared are the digest of the sums with their floors, the newest time, facts, override and quarantine.

``CHAOS_HISTORIES=10000`` makes the long form. All on a real PostgreSQL; Kafka's part, offsets that
only rise, is what the polls are made of.
"""

import os
from datetime import date
from random import Random

import asyncpg
import pytest

from sealwatch.contracts.log import decode
from sealwatch.contracts.topics import EVIDENCE_TYPES
from sealwatch.risk import state
from sealwatch.scoring.evidence import evidence_of
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policies import load_policy
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.settings import ScorerSettings
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.policies import alone
from sealwatch_scorer.score import Scorer
from sealwatch_scorer.store import PostgresStore
from tests.chaos.controls import WithoutDeduplication
from tests.chaos.histories import arrived, happened, recorded
from tests.factories import type_of

HISTORIES = int(os.environ.get("CHAOS_HISTORIES", "300"))
CONTROLS = 20
SEED = 20_260_301
POLICY = load_policy()


@pytest.fixture
async def database(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")
    watch = await asyncpg.connect(url)
    yield engine, watch
    await watch.close()
    await engine.dispose()


def scorer_on(store, draw):
    """Return a scorer that remembers nothing yet, and will pack all that it remembers or all but one."""
    return Scorer(store, alone(load_version()), Memory(1_000, loose=draw.randrange(2)))


async def scored(store, draw, polls, partition):
    """Score the polls of one history, starting anew with an empty memory wherever the dice say so."""
    scorer = scorer_on(store, draw)
    positions = await store.positions({partition: 0})
    for records in polls:
        if draw.random() < 0.3:
            scorer = scorer_on(store, draw)
        poll = polled(map(read, records), positions, {})
        await scorer.commit(poll)
        positions |= poll.after


def stands(row, aside):
    """Return where a product stands by its row, and what was set aside."""
    newest = row["newest_evidence_at"]
    sums = state.digest(state.decode(row["state"])), newest and int(newest.timestamp())
    facts = row["facts_revision"], row["category"], row["severity_class"]
    word = row["override_revision"], row["override_level"], row["override_until"]
    return sums, facts, word, [uid for (uid,) in aside]


def stood(history):
    """Return where a product must stand after all that happened to it, in whatever order."""
    sums = state.digest(history.sums(POLICY)), history.newest(POLICY)
    return sums, history.facts(POLICY), history.override(), history.set_aside()


async def wrong(engine, watch, kind, count):
    """Return the histories whose state is not that of what stands, or whose quarantine is not right."""
    found = []
    for number in range(count):
        draw = Random(SEED + number)  # noqa: S311  # a generator of histories, not of secrets
        history = happened(draw, number)
        await scored(kind(engine, "histories"), draw, arrived(draw, history, number), number)
        row = await watch.fetchrow(
            "select * from scoring.product_state where product_id = $1",
            history.product_id,
        )
        aside = await watch.fetch(
            "select uid from scoring.quarantine "
            "where partition = $1 and reason = 'product_mismatch' order by uid",
            number,
        )
        if stands(row, aside) != stood(history):
            found.append(number)
    return found


def test_histories_hold_every_kind_of_event_and_all_evidence_counts():
    histories = [happened(Random(SEED + number), number) for number in range(20)]  # noqa: S311  # as above
    bodies = [body for one in histories for body in (*one.said, *one.words, *one.retractions)]

    assert {type_of(body) for body in bodies} == set(EVIDENCE_TYPES)
    assert all(evidence_of(decode(recorded(body)), POLICY) for one in histories for body in one.said)


async def test_every_history_of_the_same_events_gives_the_same_sums(database):
    assert await wrong(*database, PostgresStore, HISTORIES) == []


async def test_without_deduplication_the_same_histories_come_out_wrong(database):
    assert await wrong(*database, WithoutDeduplication, CONTROLS) != []
