"""The command reads versions from the registry."""

import asyncio
from datetime import date

import asyncpg
import pytest
from typer.testing import CliRunner

from sealwatch.shell.migrate import migrate
from sealwatch_cli.main import app
from tests.integration.scorer.tape import another, publish


async def _published(url, document):
    await migrate(url, date(2026, 3, 1))
    watch = await asyncpg.connect(url)
    await publish(watch, document)
    await watch.close()


@pytest.fixture(scope="module")
def environment(postgres):
    url = postgres.fresh()
    document = another("2027.1", "2027-01-01", source="Order 12")
    asyncio.run(_published(url, document))
    return {"SEALWATCH_DATABASE_URL": url}


def test_a_version_of_the_registry_is_shown(environment):
    found = CliRunner().invoke(app, ["policy", "show", "2027.1"], env=environment)

    assert (found.exit_code, found.stdout.splitlines()[1]) == (0, "source: Order 12")


def test_a_version_of_the_registry_is_compared_with_the_shipped_one(environment):
    found = CliRunner().invoke(app, ["policy", "diff", "default", "2027.1"], env=environment)

    assert '/version: "2026.2" -> "2027.1"  [read only]' in found.stdout.splitlines()


def test_what_an_earlier_release_shipped_is_compared_with_what_this_one_does(environment):
    found = CliRunner().invoke(app, ["policy", "diff", "2026.1", "default"], env=environment)

    reason = "changes only by scoring anew and switching"
    assert f"not adopted: /sources/local_spot_check_targeted {reason}" in found.stdout.splitlines()


def test_a_version_that_nobody_drafted_ends_with_exit_code_2(environment):
    found = CliRunner().invoke(app, ["policy", "show", "2099.1"], env=environment)

    assert found.exit_code == 2
