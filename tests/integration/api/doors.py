"""The api in one process on a real PostgreSQL, with keys of two organisations."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from secrets import token_bytes

import asyncpg
import httpx2

from sealwatch.contracts.registry import SCOPES
from sealwatch.shell.db import open_engine
from sealwatch.shell.first_policy import FirstPolicy
from sealwatch.shell.migrate import migrate
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.settings import ApiSettings
from sealwatch_api.app import create_app
from sealwatch_api.first_key import Wanted, make_first_key
from sealwatch_api.parts import Parts

BASE = load_version()
POLICY = BASE.policy
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CLASSES = {"inspection": "national_spot_check"}


async def check_url(url):
    if "inside" in url:
        raise ValueError(url)


class Doors:
    """The application, a client of it, and a look at its tables past row-level security."""

    def __init__(self, engine, watch, **parts):
        self.engine, self.watch = engine, watch
        self.app = create_app(parts_on(engine, **parts))
        transport = httpx2.ASGITransport(app=self.app, raise_app_exceptions=False)
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://api.test")
        self._numbers = count()

    async def key(self, organisation="centre", *, scopes=SCOPES, accredited=True):
        wanted = Wanted(organisation, f"source-{next(self._numbers)}", scopes, CLASSES, accredited)
        minted = await make_first_key(self.engine, wanted, token_bytes(38), NOON)
        return minted.key

    async def ask(self, method, path, key=None, **more):
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return await self.http.request(method, path, headers=headers | more.pop("headers", {}), **more)

    async def outbox(self, topic):
        return await self.watch.fetch(
            "select key, value, headers from registry.outbox where topic = $1 order by outbox_id", topic
        )


def parts_on(engine, **other):
    known = {"clock": lambda: NOON, "first": FirstPolicy(BASE), **other}
    return Parts(
        engine=engine,
        seal=lambda secret: bytes(len(secret)),
        cursor_key=b"k" * 32,
        randomness=token_bytes,
        check_url=check_url,
        **known,
    )


@asynccontextmanager
async def opened(postgres, role, **parts):
    """Open the api on a fresh database, at work under this role."""
    url = postgres.fresh()
    await migrate(url, NOON.date())
    engine = open_engine(ApiSettings(database_url=url, secrets_key="unused"), role, application="test")
    watch = await asyncpg.connect(url)
    found = Doors(engine, watch, **parts)
    yield found
    await found.http.aclose()
    await watch.close()
    await engine.dispose()
