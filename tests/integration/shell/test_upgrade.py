"""A database that was filled by an earlier release keeps what it held, and this release works on it."""

import shutil
from datetime import date, timedelta

import asyncpg
import pytest

from sealwatch.risk.policy import Level
from sealwatch.shell.audience import asked
from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import FOLDER, migrate, scripts
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.decisions.store import positions
from sealwatch_alerts.owners import store as owners
from sealwatch_alerts.store import Room, claim
from tests.factories import NOON
from tests.integration.shell.old_rows import DELIVERY, SUBSCRIPTION, everything, filled, lost

TODAY = date(2026, 3, 1)
NOT_KEPT = {
    "publish_due_revision",
    "index_p05",
    "index_p50",
    "index_p95",
}  # two are tables of their own since
FIRST, BEFORE_THIS = "0001_spine", "0025_alerts_log"


async def at(postgres, tmp_path, newest):
    """Return the address of a database that stands at this migration, and a look at it."""
    folder = tmp_path / newest
    folder.mkdir()
    for name in scripts():
        if name <= newest:
            shutil.copy(FOLDER / f"{name}.sql", folder)
    url = postgres.fresh()
    await migrate(url, TODAY, folder)
    return url, await asyncpg.connect(url)


@pytest.fixture
async def first(postgres, tmp_path):
    """Yield the database of the first release, filled and brought up; what it held before; and a look "
    "at it."""
    url, link = await at(postgres, tmp_path, FIRST)
    await filled(link)
    before = await everything(link)
    await migrate(url, TODAY)
    yield url, before, link
    await link.close()


@pytest.fixture
async def alerts(first):
    settings = AlertsSettings(database_url=first[0], secrets_key="unused")
    engine = open_engine(settings, "sealwatch_alerts", application="test")
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


async def test_every_row_of_the_first_release_is_there_with_every_value_that_it_had(first):
    _, before, link = first

    assert sum(bool(rows) for rows in before.values()) == 19
    assert lost(before, await everything(link), NOT_KEPT) == {}


async def test_what_moved_into_tables_of_its_own_moved_with_its_rows(first):
    *_, link = first

    due = await link.fetch("select product_id, partition from scoring.indices_due")
    early = await link.fetchrow('select partition, "offset", body from scoring.tombstones')
    assert [tuple(row) for row in due] == [("OLD", 0)]
    assert tuple(early) == (0, 6, b"body")
    assert await link.fetchval("select min(bears) from scoring.events") == 3


async def test_a_warning_that_waited_is_told_by_this_release(alerts):
    [due] = await claim(alerts, NOON, timedelta(minutes=1), Room(10, 4, {}))

    assert (due.delivery_id, due.subscription_id, due.language) == (DELIVERY, SUBSCRIPTION, "zh")
    assert (due.told.change.after, due.told.change.shares) == (Level.SERIOUS.word, ())


async def test_a_subscription_of_the_first_release_hears_of_everything_that_it_heard_of(alerts):
    [one] = (await asked(alerts, NOON)).audience.subscriptions

    assert (one.office, one.minimum_level, one.channel) == ("Office", 2, "webhook")
    assert one.kinds == {"level_change", "signal", "all_clear"}
    assert (one.digest, one.digest_every, one.is_paused(NOON)) == (False, None, False)


async def test_listening_goes_on_where_it_stood(alerts):
    found = await positions(alerts, "sealwatch.level-changes.v1", {0: 0})

    assert (found[0].next_offset, found[0].last_offset) == (12, None)


async def test_what_the_release_before_this_one_held_is_kept_and_its_untold_owners_are_told(
    postgres, tmp_path
):
    url, link = await at(postgres, tmp_path, BEFORE_THIS)
    await filled_of_late(link)
    before = await everything(link)
    await migrate(url, TODAY)

    engine = open_engine(
        AlertsSettings(database_url=url, secrets_key="unused"), "sealwatch_alerts", application="test"
    )
    async with engine.begin() as connection:
        begun = await owners.begin(connection, NOON + timedelta(days=1))
        known = (await asked(connection, NOON)).audience.subscriptions
    await engine.dispose()

    after = await everything(link)
    unchanged = {name: rows for name, rows in before.items() if name != "alerting.owner_news"}
    assert lost(unchanged, after) == {}
    assert begun == 1
    assert {one.digest for one in known} == {True, False}
    await link.close()


async def filled_of_late(link):
    """Write what the release before this one could have written in what this one changes."""
    await link.execute("insert into registry.organisations values ('centre', 'Centre', $1)", NOON)
    await link.execute(
        "insert into registry.subscriptions (subscription_id, organisation_id, department, url, "
        "secret_sealed, minimum_level, contact, created_at) "
        "values ($1, 'centre', 'D', 'https://x.example', 's', 1, 'o@x.example', $2)",
        SUBSCRIPTION, NOON,
    )  # fmt: skip
    await link.execute(
        "insert into registry.subscriptions (subscription_id, organisation_id, department, channel, address, "
        "digest, minimum_level, created_at) values ($1, 'centre', 'D', 'email', 'd@x.example', true, 1, $2)",
        DELIVERY, NOON,
    )  # fmt: skip
    for created, told in ((NOON, None), (NOON - timedelta(days=90), NOON)):
        await link.execute(
            "insert into alerting.owner_news (subscription_id, organisation_id, contact, kind, reason, "
            "created_at, told_at) values ($1, 'centre', 'o@x.example', 'endpoint_disabled', 'gone', $2, $3)",
            SUBSCRIPTION, created, told,
        )  # fmt: skip
    await link.execute(
        "insert into alerting.notices values ($1, 'P1', 1, 1, 4, 'tell', 'raised', '{}', $2)", DELIVERY, NOON
    )
    await link.execute(
        "insert into alerting.watches values ($1, 'centre', 'D', 'P1', 1, 4, $2, $2, $2)", DELIVERY, NOON
    )
    await link.execute(
        "insert into alerting.acknowledgements values ($1, 'centre', $1, null, 'Li', 'api', '', $2)",
        DELIVERY, NOON,
    )  # fmt: skip


async def test_what_was_done_about_an_action_is_kept_by_the_organisation_that_did_it(postgres, tmp_path):
    url, link = await at(postgres, tmp_path, "0031_first_policy")
    for number, done_by in enumerate(("north/a", "south/b", None)):
        await acted_upon(link, bytes([number]) * 16, done_by)
    await link.execute(
        "insert into registry.audit (organisation_id, acted_at, acted_by, key_id, action, subject) "
        "values ('north/west', $1, 'north/a', 'k', 'action.done', $2)",
        NOON, bytes(16).hex(),
    )  # fmt: skip

    await migrate(url, TODAY)

    kept = await link.fetch(
        "select organisation_id, done_by, follow_up from alerting.action_answers order by action_id"
    )
    assert [tuple(row) for row in kept] == [("north/west", "north/a", "w"), ("south", "south/b", "w")]
    await link.close()


async def acted_upon(link, uid, done_by):
    """Write a notice and its action, done by somebody or open."""
    await link.execute(
        "insert into alerting.notices (notice_id, product_id, sequence, before, after, decision, reason, "
        "change, heard_at) values ($1, $2, 1, 0, 3, 'tell', 'first', '{}', $3)",
        uid, uid.hex(), NOON,
    )  # fmt: skip
    await link.execute(
        "insert into alerting.actions values "
        "($1, $1, $2, 1, 3, 1, 'check', 'D', 'now', $3, 'p', $3, $4, $5, $6)",
        uid, uid.hex(), NOON, NOON if done_by else None, done_by, "w" if done_by else None,
    )  # fmt: skip
