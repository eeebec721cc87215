"""The local mail server: takes every letter over SMTP and keeps it as an .eml file."""

import asyncio
import os
import re
import signal
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from sealwatch.errors import Misconfigured
from sealwatch.shell.clock import Clock
from sealwatch_cli.local.ports import LOOPBACK

_UNFIT = re.compile(r"[^A-Za-z0-9.@_+-]")
_LONGEST_NAME = 80


class Letters:
    """What arrived: one file a letter, on disk before the sender hears that it did."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """Keep letters in this folder, named by instant and recipient."""
        self._folder, self._clock = folder, clock

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep one letter; aiosmtpd calls this by name."""
        await asyncio.to_thread(self.keep, envelope.rcpt_tos, envelope.original_content or b"")
        return "250 2.0.0 kept"

    def keep(self, recipients: list[str], content: bytes) -> Path:
        """Write a letter, and return where; a reader sees it as a whole or not at all."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        whom = _UNFIT.sub("_", recipients[0] if recipients else "nobody")[:_LONGEST_NAME]
        name = f"{self._clock():%Y%m%dT%H%M%S.%f}-{whom}.eml"
        fresh = self._folder / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return fresh.replace(self._folder / name)


async def serve(letters: Letters, port: int) -> None:
    """Take letters on loopback until SIGTERM, or raise Misconfigured where the port cannot be had."""
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    try:
        server = await loop.create_server(lambda: SMTP(letters, loop=loop), LOOPBACK, port)
    except OSError as error:
        raise Misconfigured(f"port {port}: {error.strerror}; choose another with --port") from None
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    async with server:
        await stopping.wait()
