"""An office with its receiver on a fresh database."""

from datetime import date

import asyncpg
import pytest
from aiohttp import web

from sealwatch.shell.db import open_engine
from sealwatch.shell.migrate import migrate
from sealwatch.shell.settings import AlertsSettings
from tests.integration.alerts.office import KEY, Office, Receiver


@pytest.fixture
async def office(postgres):
    url = postgres.fresh()
    await migrate(url, date(2026, 3, 1))
    settings = AlertsSettings(database_url=url, secrets_key=KEY)
    engine = open_engine(settings, "sealwatch_alerts", application="test")
    watch = await asyncpg.connect(url)
    await watch.execute("insert into registry.organisations values ('centre', 'Centre')")
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/{rest:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield Office(engine, watch, receiver, f"http://127.0.0.1:{port}")
    receiver.hang.set()
    await runner.cleanup()
    await watch.close()
    await engine.dispose()
