"""Sends events over keep-alive connections, as plainly as it can, so that the client costs little.

Reads a plan from standard input and writes what it saw to standard output. With ``rate`` 0 every
connection sends as fast as its answers come. Another rate is kept whatever the answers do, and
the time of a post is when it was due, so that a slow answer does not hide the posts behind it.
"""

import asyncio
import sys
import time
from collections import deque
from datetime import datetime
from typing import Any

import msgspec
import uvloop

from bench.events import grave, lots
from sealwatch_cli.local.ports import LOOPBACK

ACCEPTED = b"HTTP/1.1 202"
LENGTH = b"content-length: "
HEAD = (
    "POST /v1/inspections HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {key}\r\n"
    "content-type: {kind}\r\ncontent-length: {size}\r\n\r\n"
)


class Plan(msgspec.Struct):
    """What to send where: ``count`` bodies of ``lines`` events each, numbered from ``first``."""

    port: int
    key: str
    now: str
    count: int
    connections: int
    first: int = 0
    lines: int = 1
    rate: int = 0
    products: int = 20_000
    grave: bool = False


class Seen(msgspec.Struct):
    """How long it took, how long each answer took, and when each product was sent or was due."""

    seconds: float
    waits: list[float]
    sent: dict[str, float]


def bodies(plan: Plan) -> list[bytes]:
    """Return the bodies; those of grave lots name a product each."""
    now = datetime.fromisoformat(plan.now)
    numbers = range(plan.first, plan.first + plan.count * plan.lines)
    events: Any = (grave(named(n), f"grave/{n}", now) for n in numbers)
    if not plan.grave:
        events = lots(plan.products, numbers, now)
    encoded = list(map(msgspec.json.encode, events))
    return [b"\n".join(encoded[at : at + plan.lines]) for at in range(0, len(encoded), plan.lines)]


def named(number: int) -> str:
    """Return the name of a product that is warned of."""
    return f"grave-{number:06}"


class Load:
    """The requests that are left, and what came of the others."""

    def __init__(self, plan: Plan) -> None:
        """Make every request before the clock starts."""
        kind = "application/json" if plan.lines == 1 else "application/x-ndjson"
        made = [HEAD.format(key=plan.key, kind=kind, size=len(body)).encode() + body for body in bodies(plan)]
        self.plan = plan
        self.left = deque(enumerate(made, start=plan.first))
        self.seen = Seen(0.0, [], {})
        self.began = 0.0

    async def run(self) -> Seen:
        """Send everything and return what was seen."""
        links = [
            await asyncio.open_connection(LOOPBACK, self.plan.port) for _ in range(self.plan.connections)
        ]
        self.began = time.monotonic()
        await asyncio.gather(*(self._drain(*link) for link in links))
        self.seen.seconds = time.monotonic() - self.began
        return self.seen

    async def _drain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while self.left:
            number, request = self.left.popleft()
            due = await self._due(number)
            writer.write(request)
            await _answered(reader)
            self.seen.waits.append(time.monotonic() - due)
            if self.plan.grave:
                self.seen.sent[named(number)] = due
        writer.close()

    async def _due(self, number: int) -> float:
        if not self.plan.rate:
            return time.monotonic()
        due = self.began + (number - self.plan.first) / self.plan.rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        return due


async def _answered(reader: asyncio.StreamReader) -> None:
    """Read one answer; anything but an acceptance of everything ends the run."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(ACCEPTED):
        raise ConnectionError(head.decode(errors="replace"))
    at = head.index(LENGTH) + len(LENGTH)
    await reader.readexactly(int(head[at : head.index(b"\r", at)]))


def main() -> None:
    """Do as the plan says."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(Load(plan).run())))


if __name__ == "__main__":
    main()
