"""The api on a database of this module's own."""

from datetime import date

import pytest

from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.settings import ApiSettings
from tests.integration.api.doors import Doors, watch_on


@pytest.fixture(scope="module")
async def doors(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = ApiSettings(database_url=url, secrets_key="unused")
    engine = open_engine(settings, "sealwatch_api", application="test")
    watch = await watch_on(url)
    found = Doors(engine, watch)
    yield found
    await found.http.aclose()
    await watch.close()
    await engine.dispose()


@pytest.fixture(scope="module")
async def key(doors):
    """A key of the centre that may do everything."""
    return await doors.key()


@pytest.fixture(scope="module")
async def stranger(doors):
    """A key of another organisation that may do everything."""
    return await doors.key("elsewhere")
