"""An office with its receiver on a fresh database."""

from datetime import date

import asyncpg
import pytest

from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.settings import AlertsSettings
from tests.integration.alerts.office import KEY, Office, Receiver, listening


@pytest.fixture
async def office(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = AlertsSettings(database_url=url, secrets_key=KEY)
    engine = open_engine(settings, "sealwatch_alerts", application="test")
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    receiver = Receiver()
    async with listening(receiver) as where:
        yield Office(engine, watch, receiver, where)
    await watch.close()
    await engine.dispose()
