"""Wire the api: settings, parts, run."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.shell.addresses import check_url, ours_of
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import TRANSIENT, open_engine
from sealwatch.shell.first_policy import FirstPolicy
from sealwatch.shell.health import Health
from sealwatch.shell.kafka import Publisher, access_of
from sealwatch.shell.outbox import relay
from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.secrets import Seal
from sealwatch.shell.serve import Service, run
from sealwatch.shell.settings import ApiSettings, link_keys_of
from sealwatch_api.app import create_app
from sealwatch_api.feed.cap import Issuer
from sealwatch_api.parts import Parts
from sealwatch_api.queries.tenancy import is_reachable

ROLE = "sealwatch_api"
CURSOR_KEY_BYTES = 32


@asynccontextmanager
async def wire(settings: ApiSettings) -> AsyncIterator[Service]:
    """Return the api with all its parts, and take them apart again.

    It answers without Kafka: what it must tell waits in the outbox.
    """
    engine = open_engine(settings, ROLE, application="sealwatch-api")
    publisher = Publisher(access_of(settings))
    health = Health({}, {"database": lambda: _database_trouble(engine)})
    app = create_app(parts_from(settings, engine), health.routes())
    try:
        loops = {
            "kafka": publisher.keep_connected,
            "outbox": lambda stopping: relay(engine, "registry", publisher.publish, stopping),
        }
        yield Service(app, health, loops)
    finally:
        await publisher.stop()
        async with asyncio.timeout(5):
            await engine.dispose()


def parts_from(settings: ApiSettings, engine: AsyncEngine) -> Parts:
    """Return the parts of the routes; without a configured key, cursors end with this process."""
    given = settings.cursor_key
    policy_file = Path(settings.policy_file) if settings.policy_file else None
    return Parts(
        engine=engine,
        first=FirstPolicy(load_version(policy_file) if policy_file else None),
        seal=Seal(settings.secrets_key.get_secret_value()).seal,
        cursor_key=given.get_secret_value().encode() if given else secrets.token_bytes(CURSOR_KEY_BYTES),
        clock=utc_now,
        randomness=secrets.token_bytes,
        link_keys=link_keys_of(settings),
        issuer=issuer_of(settings),
        check_url=partial(
            check_url, allow_private=settings.allow_private_webhooks, ours=ours_of(settings.own_addresses)
        ),
    )


def issuer_of(settings: ApiSettings) -> Issuer | None:
    """Return who speaks to the public, None where nobody does."""
    if settings.feed_sender is None or settings.public_url is None:
        return None
    names = {"zh": settings.feed_name_zh or settings.feed_name, "en": settings.feed_name}
    return Issuer(settings.feed_sender, names, settings.public_url)


async def _database_trouble(engine: AsyncEngine) -> str | None:
    try:
        async with engine.connect() as connection:
            await is_reachable(connection)
    except (SQLAlchemyError, *TRANSIENT) as error:
        return f"the database does not answer ({type(error).__name__})"
    return None


def main() -> None:
    """Start, and block until SIGTERM."""
    run("api", ApiSettings, wire)


if __name__ == "__main__":
    main()
