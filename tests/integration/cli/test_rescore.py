"""``sealwatch rescore`` as an operator runs it: processes of their own on a real database."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from sealwatch_cli.main import app
from tests.integration.scorer.history import history
from tests.integration.scorer.shadow import opened
from tests.integration.scorer.tape import another, with_harm

AFTER = datetime(2026, 4, 20, 12, tzinfo=UTC)
GRAVER = another("2026.7", "2026-03-01", **with_harm(0.2))


@pytest.fixture(scope="module")
async def desk(postgres):
    """Yield a database that was scored live, and a way to run a command at it."""
    live = await opened(postgres.fresh())
    await live.play(history(8, 40), [11], now=AFTER)
    environment = {"SEALWATCH_DATABASE_URL": live.url, "COLUMNS": "160"}

    async def run(*words):
        return await asyncio.to_thread(CliRunner().invoke, app, ["rescore", *words], env=environment)

    yield SimpleNamespace(run=run, live=live, watch=live.watch)
    await live.close()


async def test_a_check_says_that_the_shadow_is_the_live_state(desk):
    result = await desk.run("--into", "again", "--check")

    assert (result.exit_code, result.stdout) == (0, "again is the live state, byte for byte\n")


async def test_another_policy_from_a_file_names_who_would_move(desk, tmp_path):
    file = tmp_path / "graver.json"
    file.write_text(json.dumps(GRAVER))

    result = await desk.run("--policy", str(file), "--into", "graver", "--lanes", "1", "--json")

    found = [json.loads(line) for line in result.stdout.splitlines()]
    blast, live = await desk.live.blast_of("graver"), await desk.live.levels()
    moved = [row["product_id"] for row in found if row["what"] == "product"]
    assert moved == [row["product_id"] for row in blast.movers] != []
    assert found[-1] == {"what": "blast", "name": "graver", "products": len(moved)}
    assert sum(row["products"] for row in found if row["what"] == "move") == len(live)


async def test_the_table_counts_moves_and_names_the_first(desk, tmp_path):
    file = tmp_path / "graver.json"
    file.write_text(json.dumps(GRAVER))

    result = await desk.run("--policy", str(file), "--into", "table", "--limit", "1")

    assert result.exit_code == 0
    assert "who would move" in result.stdout
    assert "products would change level, 1 are named" in result.stdout


async def test_a_check_that_fails_names_what_differs_and_ends_with_1(desk):
    await desk.run("--into", "spoilt", "--check")
    await desk.watch.execute(
        "update scoring.rescored_states set state = '\\x02', level = 0 "
        "where product_id = 'P1' and name = 'spoilt'"
    )

    result = await desk.run("--into", "spoilt", "--check")

    assert result.exit_code == 1
    assert "P1: sums, level" in result.stdout
    assert "1 products and 0 groups differ (live / spoilt)" in result.stdout


async def test_shadows_are_listed_and_dropped(desk):
    await desk.run("--into", "gone", "--known-at", "2026-03-04")

    listed = await desk.run("list", "--json")
    dropped = await desk.run("drop", "gone")

    (row,) = [one for line in listed.stdout.splitlines() if (one := json.loads(line))["name"] == "gone"]
    assert (row["kind"], row["policy"], row["done"]) == ("shadow", "recorded", True)
    assert row["known_at"] == "2026-03-04 00:00:00+00:00"
    assert (dropped.exit_code, (await desk.run("drop", "gone")).exit_code) == (0, 2)
    assert await desk.watch.fetchval("select count(*) from scoring.rescored_states where name = 'gone'") == 0


@pytest.mark.parametrize(
    "words", [(), ("--into", "x", "--check", "--as-of", "2026-03-02"), ("--into", "x", "--known-at", "soon")]
)
async def test_options_that_make_no_sense_are_refused(desk, words):
    assert (await desk.run(*words)).exit_code == 2
