"""One attempt by e-mail: over a few connections that are kept, within one total deadline."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from sealwatch.contracts.mailboxes import mailbox
from sealwatch.errors import Misconfigured, Refused, Unavailable
from sealwatch.shell.settings import AlertsSettings
from sealwatch_alerts.attempt import Outcome
from sealwatch_alerts.mail.answers import ACCEPTED, answered
from sealwatch_alerts.mail.letter import Envelope

MOST_LETTERS = 100  # over one connection: servers end those that go on for ever (Postfix: 100 recipients)

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our letters, and the address that reports come back to."""

    host: str
    port: int
    security: Security
    return_to: str
    own_name: str
    timeout_seconds: float
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    connections: int = 4


def server_of(settings: AlertsSettings, sender: str, own_name: str) -> MailServer:
    """Return the server that the settings name, or raise Misconfigured where they name none."""
    if settings.smtp_host is None:
        raise Misconfigured("no SEALWATCH_SMTP_HOST")
    password = settings.smtp_password
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        return_to=settings.mail_return or sender,
        own_name=own_name,
        timeout_seconds=settings.smtp_timeout_seconds,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        ca_file=settings.smtp_ca_file,
        connections=settings.smtp_connections,
    )


class MailChannel:
    """Makes attempts; a connection that failed in any unclear way is never used again."""

    def __init__(self, server: MailServer) -> None:
        """Keep the server; connections are made when they are needed."""
        self._server = server
        self._places = asyncio.Semaphore(server.connections)
        self._idle: deque[tuple[aiosmtplib.SMTP, int]] = deque()
        self._context = ssl.create_default_context(cafile=server.ca_file)

    async def send(self, envelope: Envelope) -> Outcome:
        """Return what the server said of this letter, or raise Unavailable where it said nothing of it.

        Raise Refused where the address is none.

        A connection lost after the letter was written leaves it open whether it was taken: the next
        attempt carries the same Message-ID (RFC 1047).
        """
        try:
            mailbox(envelope.recipient)
        except ValueError as error:
            raise Refused(f"the address {error}") from error
        async with self._places:
            try:
                async with asyncio.timeout(self._server.timeout_seconds):
                    return await self._sent(envelope)
            except aiosmtplib.SMTPAuthenticationError as error:
                raise Unavailable(f"our side: the mail server refuses us ({error.code})") from error
            except aiosmtplib.SMTPSenderRefused as error:
                raise Unavailable(f"our side: the sender is refused ({error.code})") from error
            except (aiosmtplib.SMTPException, TimeoutError, OSError, ValueError) as error:
                raise Unavailable(type(error).__name__) from error

    async def close(self) -> None:
        """Take leave of the server, as far as it still listens."""
        while self._idle:
            client, _ = self._idle.popleft()
            try:
                await client.quit(timeout=1.0)
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    async def _sent(self, envelope: Envelope) -> Outcome:
        client, letters = await self._connected()
        try:
            outcome = await self._said(client, envelope)
        except BaseException:
            client.close()
            raise
        if letters + 1 < MOST_LETTERS and client.is_connected:
            self._idle.append((client, letters + 1))
        else:
            client.close()
        return outcome

    async def _said(self, client: aiosmtplib.SMTP, envelope: Envelope) -> Outcome:
        reports = client.supports_extension("dsn")
        stem = envelope.message_id.strip("<>").partition("@")[0]
        try:
            await client.sendmail(
                self._server.return_to,
                [envelope.recipient],
                envelope.content,
                mail_options=["RET=HDRS", f"ENVID={stem}"] if reports else [],
                rcpt_options=["NOTIFY=FAILURE"] if reports else [],
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            return answered(refusal.code, refusal.message)
        except aiosmtplib.SMTPDataError as error:
            return answered(error.code, error.message)
        return Outcome(ACCEPTED)

    async def _connected(self) -> tuple[aiosmtplib.SMTP, int]:
        """Return a connection that was used before and still answers, else a new one."""
        while self._idle:
            client, letters = self._idle.pop()
            try:
                await client.noop()
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            else:
                return client, letters
        return await self._new(), 0

    async def _new(self) -> aiosmtplib.SMTP:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            local_hostname=server.own_name,
            timeout=server.timeout_seconds,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=None if server.security == "none" else self._context,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client
