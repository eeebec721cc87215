"""The way by e-mail, put together from the settings."""

import re
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address

from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.mailboxes import mailbox
from sealwatch.errors import Misconfigured
from sealwatch.shell.clock import Clock
from sealwatch.shell.settings import AlertsSettings, link_keys_of
from sealwatch_alerts.channels.email import MailChannel, server_of
from sealwatch_alerts.deliver import Sender
from sealwatch_alerts.mail.headers import one_line
from sealwatch_alerts.mail.letter import Paper
from sealwatch_alerts.mailing.asking import Registrar
from sealwatch_alerts.mailing.carrier import Desk, Letters
from sealwatch_alerts.owners.tell import OwnerDesk
from sealwatch_alerts.strategies import Shelf

_SENDER = re.compile(r"(?:(?P<name>[^<>@]*)<(?P<inner>[^<>]+)>|(?P<bare>[^<>\s]+))")


@dataclass(frozen=True, slots=True)
class ByMail:
    """The parts of the way by e-mail."""

    channel: MailChannel
    sender: Sender
    registrar: Registrar
    owners: OwnerDesk


def by_mail(settings: AlertsSettings, engine: AsyncEngine, shelf: Shelf, clock: Clock) -> ByMail | None:
    """Return the way by e-mail, None without a mail server, or raise Misconfigured."""
    if settings.smtp_host is None:
        return None
    desk = desk_of(settings, shelf)
    channel = MailChannel(server_of(settings, sender_of(settings)[1], desk.paper.host))
    sender = Sender(engine, Letters(channel, desk, settings.mail_per_recipient), clock)
    sender.places.most, sender.places.each = 2 * settings.smtp_connections, 2
    sender.lease = timedelta(
        seconds=4 * settings.smtp_timeout_seconds
    )  # one letter may wait for another's end
    owners = OwnerDesk(engine, channel, desk.paper, clock)
    return ByMail(channel, sender, Registrar(engine, channel, desk, clock), owners)


def desk_of(settings: AlertsSettings, shelf: Shelf) -> Desk:
    """Return what letters are written with, or raise Misconfigured."""
    keys, url = link_keys_of(settings), settings.public_url or ""
    if keys is None:
        raise Misconfigured("with SEALWATCH_SMTP_HOST, SEALWATCH_LINK_KEYS is needed too")
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]/_~-]+", url):
        raise Misconfigured("SEALWATCH_PUBLIC_URL is not http(s)://host[:port][/path]")
    name, address = sender_of(settings)
    paper = Paper(str(Address(one_line(name), addr_spec=address)), address.rpartition("@")[2])
    return Desk(paper, keys, url, shelf)


def sender_of(settings: AlertsSettings) -> tuple[str, str]:
    """Return name and address of the sender, or raise Misconfigured."""
    form = _SENDER.fullmatch((settings.mail_from or "").strip())
    try:
        return (
            ((form["name"] or "").strip(' "'), mailbox(form["inner"] or form["bare"]))
            if form
            else ("", mailbox(""))
        )
    except ValueError:
        raise Misconfigured("SEALWATCH_MAIL_FROM is not an address, nor Name <address>") from None
