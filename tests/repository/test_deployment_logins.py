"""The logins that a deployment makes, on a PostgreSQL of their own: each service may act as itself only."""

import os
import subprocess
from datetime import date
from urllib.parse import urlsplit

import asyncpg
import pytest

from sealwatch.shell.migrate import migrate
from sealwatch_cli.local.machine import choose_postgres
from sealwatch_cli.local.postgres import Database
from tests.repository.deployed import ROOT

SCRIPT = ROOT / "deploy" / "postgres" / "logins.sql"
ROLE_OF = {
    "api_login": "sealwatch_api",
    "scorer_login": "sealwatch_scorer",
    "alerts_login": "sealwatch_alerts",
}
OTHERS = [(login, role) for login in ROLE_OF for role in ROLE_OF.values() if ROLE_OF[login] != role]


def as_user(url, user, password):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{password}@{parts.hostname}:{parts.port}").geturl()


@pytest.fixture(scope="module")
def server(machine, servers):
    database = Database(servers[0] / "deployed", choose_postgres(machine, None), register=servers[1])
    database.start()
    yield database.url
    database.stop()


@pytest.fixture(scope="module")
def prepared(server, machine):
    """Return a database with logins, whose owner may make roles and is no superuser."""
    psql = [machine.postgres_binaries / "psql", "-X", "-q"]
    passwords = {"API_DB_PASSWORD": "of-api", "SCORER_DB_PASSWORD": "of-scorer", "ALERTS_DB_PASSWORD": "it's"}
    url = urlsplit(as_user(server, "owner", "of-owner"))._replace(path="/deployed").geturl()
    orders = [
        "create role owner login createrole password 'of-owner'",
        "create database deployed owner owner",
    ]
    make_owner = [*psql, "-d", server, "-c", orders[0], "-c", orders[1]]
    make_logins = [*psql, "-d", url, "-f", SCRIPT]

    subprocess.run(make_owner, check=True)  # noqa: S603
    subprocess.run(make_logins, env=os.environ | passwords, check=True)  # noqa: S603
    subprocess.run(make_logins, env=os.environ | passwords, check=True)  # noqa: S603
    return url


@pytest.fixture(scope="module")
async def deployed(prepared):
    """Return the database, migrated by its owner; twice, as everything here may be repeated."""
    await migrate(prepared, date(2026, 3, 1))
    await migrate(prepared, date(2026, 4, 1))
    return prepared


async def joined(url, login, role):
    """Return a connection of a login under a role, as the services open theirs."""
    password = {"alerts_login": "it%27s"}.get(login, f"of-{login.removesuffix('_login')}")
    return await asyncpg.connect(as_user(url, login, password), server_settings={"role": role})


@pytest.mark.parametrize(("login", "role"), ROLE_OF.items())
async def test_a_service_works_under_its_own_role(deployed, login, role):
    link = await joined(deployed, login, role)

    who = await link.fetchval("select current_user || ' ' || session_user")

    await link.close()
    assert who == f"{role} {login}"


@pytest.mark.parametrize(("login", "role"), OTHERS)
async def test_no_service_can_act_as_another(deployed, login, role):
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied to set role"):
        await joined(deployed, login, role)


@pytest.mark.parametrize(("login", "role"), ROLE_OF.items())
async def test_without_its_role_a_login_sees_nothing(deployed, login, role):
    link = await joined(deployed, login, role)
    await link.execute("set role none")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await link.fetch("select * from scoring.positions")

    await link.close()
