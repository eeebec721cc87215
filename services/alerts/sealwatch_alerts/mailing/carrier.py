"""Deliveries as letters: composed, sent, and what came back kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.links import Link, LinkKeys, Purpose, token_of
from sealwatch.errors import Unavailable
from sealwatch.shell.acknowledging import Word
from sealwatch.shell.logs import logger
from sealwatch_alerts import store
from sealwatch_alerts.attempt import Outcome
from sealwatch_alerts.mail.answers import is_hard
from sealwatch_alerts.mail.digest import Listed, Ways, digest_letter
from sealwatch_alerts.mail.headers import BadHeader
from sealwatch_alerts.mail.letter import Envelope, Paper, Reader, warning_letter
from sealwatch_alerts.mail.warning import warned
from sealwatch_alerts.mailing import store as mail
from sealwatch_alerts.message import BY_WORD
from sealwatch_alerts.store import Done, Due, Room
from sealwatch_alerts.strategies import Shelf

LASTING = timedelta(days=90)  # of a link: longer than any statutory clock that a warning starts; ours
DIGEST = "digest"


class Post(Protocol):
    """Makes one attempt by e-mail."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Return what the mail server said, or raise Refused or Unavailable."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What letters are written with: paper, keys of links, where those lead, and what is to be done."""

    paper: Paper
    keys: LinkKeys
    public_url: str
    shelf: Shelf

    def link(self, purpose: Purpose, subject: bytes, ends_at: datetime, language: str) -> str:
        """Return the address of a signed link."""
        token = token_of(Link(purpose, subject, ends_at), self.keys)
        return f"{self.public_url.rstrip('/')}/mail/{token}?language={language}"


class Letters:
    """Tells by e-mail."""

    name = "email"

    def __init__(self, post: Post, desk: Desk, pace: int) -> None:
        """Keep the parts; ``pace`` is how many letters a mailbox gets in ten minutes."""
        self._post, self._desk, self._pace = post, desk, pace

    async def claim(
        self, connection: AsyncConnection, now: datetime, lease: timedelta, room: Room
    ) -> list[Due]:
        """Lease what is due to mailboxes; digests that nobody wants any more end first."""
        await mail.stop_digests(connection, now)
        due = await mail.claim(connection, now, lease, room, self._pace)
        await self._desk.shelf.learn_of(connection, due)
        return due

    async def attempt(self, due: Due, now: datetime) -> Outcome:
        """Return what the mail server said of the letter, or raise Refused or Unavailable."""
        try:
            letter = letter_of(due, self._desk, now)
        except BadHeader as error:
            raise Unavailable(f"our side: {error}") from error
        return await self._post.send(letter)

    async def conclude(self, connection: AsyncConnection, ended: Sequence[Done]) -> list[Word]:
        """Write attempts, the pace of mailboxes, and which letters came back."""
        words = await store.conclude(connection, ended)
        boxes = await mail.boxes(connection, [(one.due.delivery_id, one.due.url) for one in ended])
        known = [(boxes[one.due.delivery_id], one) for one in ended if one.due.delivery_id in boxes]
        sent = [(box, one.at) for box, one in known if one.conclusion.outcome == "delivered"]
        await mail.record_sent(connection, sent)
        for box, one in known:
            if one.conclusion.outcome == "refused":
                await _bounced(connection, box, one)
        return words


def letter_of(due: Due, desk: Desk, now: datetime) -> Envelope:
    """Return the letter of a delivery, the same at every attempt but for its date."""
    reader = Reader(due.url, due.department, due.language)
    change = due.told.change
    if change is None:
        return _gathered(due, desk, reader, now)
    strategy = desk.shelf.of(change.policy_version, BY_WORD[change.after])
    told = warned(change, due.reason, due.names.get(change.product_id), strategy)
    if due.told.nudge is not None:
        told = replace(told, unacknowledged_by=due.told.nudge.office, level_now=due.told.nudge.now)
    ends_at = (due.made_at or now) + LASTING
    acknowledge = desk.link(Purpose.ACKNOWLEDGE, due.delivery_id, ends_at, due.language)
    details = f"{desk.public_url.rstrip('/')}/v1/products/{change.product_id}"
    return warning_letter(told, reader, desk.paper, (due.delivery_id, now), (acknowledge, details))


def _gathered(due: Due, desk: Desk, reader: Reader, now: datetime) -> Envelope:
    """Return a digest, which can be stopped, or what a storm gathered, which can not."""
    members = due.told.members
    listed = [
        Listed(one.product_id, due.names.get(one.product_id), one.sequence, one.before, one.after)
        for one in members
    ]
    ends_at = (due.made_at or now) + LASTING
    digest = all(one.reason == DIGEST for one in members)
    ways = Ways(
        desk.link(Purpose.ACKNOWLEDGE, due.delivery_id, ends_at, due.language),
        f"{desk.public_url.rstrip('/')}/v1/decisions?delivery_id={due.delivery_id.hex()}",
        desk.link(Purpose.UNSUBSCRIBE, due.subscription_id, ends_at, due.language) if digest else None,
    )
    return digest_letter(listed, reader, desk.paper, (due.delivery_id, now), ways)


async def _bounced(connection: AsyncConnection, box: bytes, one: Done) -> None:
    status, said = one.conclusion.status or 0, one.conclusion.detail
    bounce = mail.Bounce(box, one.due.delivery_id, is_hard(status, said), said)
    if await mail.record_bounce(connection, bounce, one.at):
        logger().warning("address suspended", mailbox=box.hex())
