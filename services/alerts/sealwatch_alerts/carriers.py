"""Ways of telling: what a sender needs of one, and the way by webhook."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.errors import Misconfigured, Unavailable
from sealwatch.shell.acknowledging import Word
from sealwatch.shell.metrics import ENDPOINTS_DISABLED
from sealwatch.shell.secrets import Seal
from sealwatch_alerts import store
from sealwatch_alerts.attempt import Outcome, Request, prepare
from sealwatch_alerts.endpoints import store as endpoints
from sealwatch_alerts.endpoints.health import Ended, heard_of
from sealwatch_alerts.gathered import render_many
from sealwatch_alerts.message import BY_WORD, Wording, render
from sealwatch_alerts.store import Done, Due, Room
from sealwatch_alerts.strategies import Shelf
from sealwatch_alerts.trial import render_trial

MOST_SECRETS = MOST_BODIES = 1_000


class Carrier(Protocol):
    """A way of telling, by the name under which it is counted."""

    @property
    def name(self) -> str:
        """Return the channel."""

    async def claim(
        self, connection: AsyncConnection, now: datetime, lease: timedelta, room: Room
    ) -> list[Due]:
        """Lease what is due by this way."""

    async def attempt(self, due: Due, now: datetime) -> Outcome:
        """Return how it was received, or raise Refused or Unavailable."""

    async def conclude(self, connection: AsyncConnection, ended: Sequence[Done]) -> list[Word]:
        """Write attempts and what follows from them; return what was acknowledged by them."""


class Channel(Protocol):
    """Makes one attempt by webhook."""

    async def send(self, request: Request) -> Outcome:
        """Return how the receiver answered, or raise Refused or Unavailable."""


def _ended(one: Done) -> Ended:
    return Ended(one.due.subscription_id, one.at, one.conclusion)


class Webhooks:
    """Tells by signed webhooks; secrets are opened, and bodies made, once for many."""

    name = "webhook"

    def __init__(self, channel: Channel, seal: Seal, shelf: Shelf, public_url: str = "") -> None:
        """Keep the parts; ``public_url`` is where readers reach the api."""
        self._channel, self._shelf, self._public_url = channel, shelf, public_url
        self._open = lru_cache(MOST_SECRETS)(lambda sealed: seal.open(sealed).decode())
        self._bodies: dict[tuple[object, ...], bytes] = {}

    async def claim(
        self, connection: AsyncConnection, now: datetime, lease: timedelta, room: Room
    ) -> list[Due]:
        """Lease what is due at endpoints, and learn the strategies that it names."""
        due = await store.claim(connection, now, lease, room)
        await self._shelf.learn_of(connection, due)
        return due

    async def attempt(self, due: Due, now: datetime) -> Outcome:
        """Return how the endpoint answered, or raise Refused or Unavailable."""
        try:
            secrets = [self._open(sealed) for sealed in (due.secret_sealed, *due.retiring_sealed)]
            request = prepare(due.url, secrets, due.delivery_id, self._worded(due), now)
        except (Misconfigured, ValueError) as error:
            raise Unavailable("our side: the secret of the endpoint cannot be used", kind="ours") from error
        return await self._channel.send(request)

    async def conclude(self, connection: AsyncConnection, ended: Sequence[Done]) -> list[Word]:
        """Write attempts and what follows from them; return what was acknowledged by them."""
        words = await store.conclude(connection, ended)
        for _ in {one.due.subscription_id for one in ended if one.conclusion.disable}:
            ENDPOINTS_DISABLED.labels("gone").inc()
        await endpoints.record(connection, heard_of(_ended(one) for one in ended))
        return words

    def _worded(self, due: Due) -> bytes:
        """Return the body; that of a single change is made once for all who hear of it."""
        change, why = due.told.change, due.told.nudge or due.told.why
        if change is None and due.told.trial:
            return render_trial(due.subscription_id, due.language)
        if change is None:
            return render_many(due.delivery_id, due.told.members, due.language)
        key = (change.uid, due.reason, why, due.language)
        body = self._bodies.get(key)
        if body is None:
            if len(self._bodies) >= MOST_BODIES:
                self._bodies.clear()
            strategy = self._shelf.of(change.policy_version, BY_WORD[change.after])
            wording = Wording(due.reason, due.language, strategy, why, self._public_url)
            body = self._bodies[key] = render(change, wording)
        return body
