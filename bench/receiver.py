"""Fifty endpoints that answer at once and note when each webhook came; two more never do.

``/hangs`` takes a webhook and says nothing, ``/drips`` answers a byte every tenth of a second.
Prints its port, answers every POST with 204, and tells at ``GET /`` what arrived: the number of
webhooks, how many ids came again, when the first came, and when each product was first named.
"""

import asyncio
import sys
import time
from typing import cast

import msgspec
import uvloop

from sealwatch_cli.local.ports import LOOPBACK

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
HANGS, DRIPS, DRIP_SECONDS = b"POST /hangs", b"POST /drips", 0.1
PACED = "paced-"
END, LENGTH, ID = b"\r\n\r\n", b"content-length: ", b"webhook-id: "


class Named(msgspec.Struct):
    """The part of a warning that tells what it is about."""

    product_id: str


class Warned(msgspec.Struct):
    """A warning, as far as we read it."""

    data: Named


class Seen(msgspec.Struct):
    """What arrived so far."""

    webhooks: int = 0
    again: int = 0
    first_at: float = 0.0
    products: dict[str, float] = msgspec.field(default_factory=dict)
    paced: dict[str, list[float]] = msgspec.field(default_factory=dict)


class Inbox:
    """Everything that arrived at any endpoint."""

    def __init__(self) -> None:
        """Begin empty."""
        self.seen = Seen()
        self._ids: set[bytes] = set()
        self._decode = msgspec.json.Decoder(Warned).decode

    def take(self, head: bytes, body: bytes) -> None:
        """Note one webhook."""
        now = time.monotonic()
        seen, webhook_id = self.seen, _field(head, ID)
        seen.webhooks += 1
        seen.again += webhook_id in self._ids
        self._ids.add(webhook_id)
        seen.first_at = seen.first_at or now
        product_id = self._decode(body).data.product_id
        seen.products.setdefault(product_id, now)
        if product_id.startswith(PACED):
            seen.paced.setdefault(product_id, []).append(now)


class Door(asyncio.Protocol):
    """One connection."""

    def __init__(self, inbox: Inbox) -> None:
        """Take what comes for this inbox."""
        self._inbox = inbox
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep whom to answer."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is none by name

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while END in self._buffer:
            head, _, rest = self._buffer.partition(END)
            size = int(_field(head, LENGTH) or 0)
            if len(rest) < size:
                return
            self._buffer = rest[size:]
            self._answer(head, rest[:size])

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(HANGS):
            return
        if head.startswith(DRIPS):
            self._transport.write(ENDLESS)
            asyncio.get_running_loop().call_later(DRIP_SECONDS, self._drip)
            return
        if head.startswith(b"POST"):
            self._inbox.take(head, body)
            self._transport.write(NO_CONTENT)
            return
        told = msgspec.json.encode(self._inbox.seen)
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(told) + told)

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b".")
            asyncio.get_running_loop().call_later(DRIP_SECONDS, self._drip)


def _field(head: bytes, name: bytes) -> bytes:
    """Return the value of a header, whatever case its name has, or nothing."""
    at = head.lower().find(name)
    return head[at + len(name) :].partition(b"\r")[0] if at >= 0 else b""


async def serve() -> None:
    """Listen until ended."""
    inbox = Inbox()
    server = await asyncio.get_running_loop().create_server(lambda: Door(inbox), LOOPBACK, 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
