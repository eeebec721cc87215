"""An upgrade: a database that was scored under an earlier shipped policy goes on under that one."""

import shutil
from datetime import UTC, date, datetime
from functools import partial

import asyncpg
import pytest

from sealwatch.shell.db import open_engine
from sealwatch.shell.first_policy import shipped_as
from sealwatch.shell.migrate import FOLDER, migrate, scripts
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.settings import ScorerSettings
from sealwatch_api.queries.policies import began_with as heard_by_the_api
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.published import began_with, published
from sealwatch_scorer.rescoring.lane import Sizes
from sealwatch_scorer.rescoring.plan import Wish
from sealwatch_scorer.rescoring.register import Rescoring
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import Shadowed
from tests.integration.scorer.tape import publish, with_harm

TODAY, THEIRS = date(2026, 3, 1), date(2026, 3, 6)
AFTER = datetime(2026, 3, 25, 12, tzinfo=UTC)
OURS, EARLIER = load_version(), shipped_as("2026.1")
OF_THE_CENTRE = {"version": "centre", "effective_from": THEIRS.isoformat(), **with_harm(0.2)}
LOG = history(20, 30, products=6, seed=5)
HALF = [record for record in LOG if record.offset < 100]


@pytest.fixture
async def before(postgres, tmp_path):
    """Yield a database as the release of before left it, half of the log scored."""
    url = postgres.fresh()
    folder = tmp_path / "migrations"
    folder.mkdir()
    for name in [name for name in scripts() if name != "0031_first_policy"]:  # what came later it needs
        shutil.copy(FOLDER / f"{name}.sql", folder)
    await migrate(url, TODAY, folder)
    engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")
    database = Shadowed(url, engine, await asyncpg.connect(url))
    await publish(database.watch, {**EARLIER.document, **OF_THE_CENTRE})
    await database.play(HALF, [7], now=AFTER, base=EARLIER)
    yield database
    await database.close()


async def test_what_was_scored_and_published_before_an_upgrade_holds_after_it(before):
    await migrate(before.url, TODAY, late=True)
    first = await began_with(before.engine, OURS)
    policies = Policies(OURS, partial(published, before.engine), partial(began_with, before.engine, OURS))

    await before.play(LOG, [7], now=AFTER, base=first)

    assert first.digest == EARLIER.digest
    assert [(await policies.on(day)).version for day in (TODAY, THEIRS)] == ["2026.1", "centre"]
    assert await policies.ready() is None
    asked = Rescoring("again", Wish(None, first.digest), first.document, 2)
    await before.walk(asked, Sizes())
    assert (await before.compared("again")).equal


async def test_with_the_newest_shipped_policy_instead_what_was_published_would_be_refused(before):
    await migrate(before.url, TODAY, late=True)
    policies = Policies(OURS, partial(published, before.engine))

    assert (await policies.on(THEIRS)).version == "2026.2"
    assert "national_spot_check_targeted" in (await policies.ready() or "")


async def test_a_database_that_is_new_begins_with_the_newest(postgres):
    url = postgres.fresh()
    await migrate(url, TODAY)
    engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")

    first = await began_with(engine, OURS)

    assert first is OURS
    async with engine.connect() as connection:
        assert await heard_by_the_api(connection) == OURS.policy.version
    await engine.dispose()


async def test_special_lots_scored_anew_without_the_sides_are_what_live_scoring_makes_of_them(postgres):
    ways = {}
    for name, base in (("earlier", EARLIER), ("ours", OURS)):
        url = postgres.fresh()
        await migrate(url, TODAY)
        engine = open_engine(ScorerSettings(database_url=url), "sealwatch_scorer", application="test")
        ways[name] = Shadowed(url, engine, await asyncpg.connect(url))
        await ways[name].play(LOG, [7], now=AFTER, base=base)

    await ways["earlier"].rescore("sides", OURS.document)
    await ways["ours"].rescore("none", EARLIER.document)

    assert await ways["earlier"].states("sides") == await ways["ours"].states()
    assert await ways["ours"].states("none") == await ways["earlier"].states()
    assert await ways["earlier"].states() != await ways["ours"].states()
    await ways["earlier"].close()
    await ways["ours"].close()
