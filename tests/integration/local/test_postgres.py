import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from sealwatch_cli.local.machine import Binaries, Machine, choose_postgres
from sealwatch_cli.local.postgres import Database
from sealwatch_cli.local.processes import Register


@pytest.fixture(scope="module")
def database(servers: tuple[Path, Register], machine: Machine) -> Iterator[Database]:
    chosen = choose_postgres(machine, None)
    assert isinstance(chosen, Binaries)
    database = Database(servers[0] / "own-postgres", chosen)
    database.start()
    yield database
    database.stop()


async def ask(url: str, statement: str) -> object:
    link = await asyncpg.connect(url, timeout=2)
    try:
        return await link.fetchval(statement)
    finally:
        await link.close(timeout=2)


async def test_rows_survive_a_kill_under_an_open_connection(database: Database):
    url = database.url
    await ask(url, "CREATE TABLE kept AS SELECT 1 AS x")
    link = await asyncpg.connect(url)

    await asyncio.to_thread(database.kill)
    await asyncio.to_thread(database.start)

    assert await ask(database.url, "SELECT x FROM kept") == 1
    assert database.url == url
    with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
        await link.fetchval("SELECT 1")


async def test_a_frozen_server_keeps_a_client_waiting_also_in_an_open_session(database: Database):
    link = await asyncpg.connect(database.url)

    database.freeze()
    with pytest.raises(TimeoutError):
        await link.fetchval("SELECT 1", timeout=0.3)
    database.thaw()

    assert await ask(database.url, "SELECT 1") == 1
    link.terminate()


async def test_nobody_enters_without_the_generated_password(database: Database):
    url = database.url.replace(":", ":x", 2).replace("postgresql:x", "postgresql:")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(url, "SELECT 1")


async def test_it_really_waits_for_the_disk(database: Database):
    assert await ask(database.url, "SHOW fsync") == "on"
    assert await ask(database.url, "SHOW synchronous_commit") == "on"


async def test_the_lock_of_a_killed_server_whose_number_is_reused_is_no_obstacle(database: Database):
    await asyncio.to_thread(database.kill)
    (lock,) = database.folder.glob("**/postmaster.pid")
    numbers = lock.read_text().splitlines()
    lock.write_text("\n".join(["1", *numbers[1:]]) + "\n")

    await asyncio.to_thread(database.start)

    assert await ask(database.url, "SELECT 1") == 1
