"""The api on a database of this module's own."""

import pytest

from tests.integration.api.doors import opened
from tests.integration.api.scored import Log


@pytest.fixture(scope="module")
async def doors(postgres):
    async with opened(postgres, "sealwatch_api") as found:
        yield found


@pytest.fixture(scope="module")
async def key(doors):
    """A key of the centre that may do everything."""
    return await doors.key()


@pytest.fixture(scope="module")
async def stranger(doors):
    """A key of another organisation that may do everything."""
    return await doors.key("elsewhere")


@pytest.fixture(scope="module")
async def log(doors):
    """A real scorer's log on the database of the doors."""
    made = Log(doors)
    yield made
    await made.engine.dispose()
