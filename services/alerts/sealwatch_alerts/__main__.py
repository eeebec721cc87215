"""Wire the warnings: settings, parts, run."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from sealwatch.contracts.topics import LEVEL_CHANGES
from sealwatch.shell.addresses import ours_of
from sealwatch.shell.clock import utc_now
from sealwatch.shell.db import open_engine
from sealwatch.shell.first_policy import shipped
from sealwatch.shell.health import Health
from sealwatch.shell.kafka import GroupConsumer, Where, access_of, read_at
from sealwatch.shell.logs import logger
from sealwatch.shell.policies import load_policy
from sealwatch.shell.secrets import Seal
from sealwatch.shell.serve import Loop, Service, run
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.carriers import Webhooks
from sealwatch_alerts.channels.webhook import Reach, WebhookChannel, open_session
from sealwatch_alerts.deliver import Sender
from sealwatch_alerts.endpoints.watch import watch
from sealwatch_alerts.escalating.escalate import Escalator
from sealwatch_alerts.hear import Listener
from sealwatch_alerts.mailing.wiring import ByMail, by_mail
from sealwatch_alerts.strategies import Shelf

CLAIMED_AHEAD = 32  # times the attempts under way at an endpoint that answers quickly; ours
GROUP, ROLE = "sealwatch-alerts", "sealwatch_alerts"


def joined(settings: AlertsSettings, where: Where) -> GroupConsumer:
    """Return a new member of the group that hears of level changes."""
    return GroupConsumer(
        where,
        LEVEL_CHANGES.name,
        GROUP,
        instance=f"alerts-{settings.instance}",
        session_timeout=timedelta(seconds=settings.session_timeout_seconds),
    )


def reach_of(settings: AlertsSettings) -> Reach:
    """Return what webhooks may reach."""
    private, seconds = settings.allow_private_webhooks, settings.attempt_timeout_seconds
    return Reach(allow_private=private, timeout_seconds=seconds, ours=ours_of(settings.own_addresses))


def sender_of(settings: AlertsSettings, engine: AsyncEngine, webhooks: Webhooks) -> Sender:
    """Return the sender of webhooks, with the bounds that the settings give it."""
    sender = Sender(engine, webhooks, utc_now)
    sender.places.each, sender.places.ahead = settings.endpoint_concurrency, CLAIMED_AHEAD
    sender.lease = timedelta(seconds=3 * settings.attempt_timeout_seconds)
    sender.jitter = random.SystemRandom().random
    return sender


def listening(settings: AlertsSettings, engine: AsyncEngine, wake: asyncio.Event, shelf: Shelf) -> Listener:
    """Return the loop that hears of level changes."""
    where = access_of(settings)
    past = partial(read_at, where, LEVEL_CHANGES.name)
    return Listener(partial(joined, settings, where), engine, wake, shelf, past)


@asynccontextmanager
async def wire(
    settings: AlertsSettings, make_webhooks: Callable[..., Webhooks] = Webhooks
) -> AsyncIterator[Service]:
    """Return the warnings with all their parts, and take them apart again."""
    engine = open_engine(settings, ROLE, application="sealwatch-alerts")
    reach = reach_of(settings)
    session = open_session(reach)
    channel = WebhookChannel(session, utc_now, reach)
    seal = Seal(settings.secrets_key.get_secret_value())
    file = settings.policy_file
    shelf = Shelf(*([load_policy(Path(file))] if file else (one.policy for one in shipped())))
    sender = sender_of(settings, engine, make_webhooks(channel, seal, shelf, settings.public_url or ""))
    listener = listening(settings, engine, sender.wake, shelf)
    mail = by_mail(settings, engine, shelf, utc_now)
    escalator = Escalator(engine, utc_now, [one.wake.set for one in (sender, mail and mail.sender) if one])
    health = Health(
        {"listening": listener.progress},
        {"listening": listener.ready, "sending": sender.ready, "escalating": escalator.ready},
    )
    loops: dict[str, Loop] = {
        "hear": lambda stopping: listener.run(stopping, utc_now),
        "deliver": sender.run,
        "record": sender.record,
        "tidy": sender.tidy,
        "escalate": escalator.run,
        "watch": lambda stopping: watch(engine, stopping, utc_now),
        **_by_mail(mail),
    }
    try:
        yield Service(Starlette(routes=health.routes()), health, loops)
    finally:
        await session.close()
        if mail is not None:
            await mail.channel.close()
        async with asyncio.timeout(5):
            await engine.dispose()


def _by_mail(mail: ByMail | None) -> dict[str, Loop]:
    """Return the loops of the way by e-mail; it has its own, so that no mail server delays a webhook."""
    if mail is None:
        logger().info("no e-mail", reason="SEALWATCH_SMTP_HOST is not set")
        return {}
    mail.sender.jitter = mail.registrar.jitter = mail.owners.jitter = random.SystemRandom().random
    return {
        "mail": mail.sender.run,
        "mail-record": mail.sender.record,
        "ask": mail.registrar.run,
        "tell-owners": mail.owners.run,
    }


def main() -> None:
    """Start, and block until SIGTERM."""
    run("alerts", AlertsSettings, wire)


if __name__ == "__main__":
    main()
