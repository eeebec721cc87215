"""The members of a running stack: started, awaited, started again when they die."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.probe import is_ready
from sealwatch_cli.local.processes import SERVICES, Child, Launch, Register
from sealwatch_cli.local.stack import Chore, Member, Stack
from sealwatch_cli.local.waiting import when
from sealwatch_cli.local.words import last_words

Say = Callable[[str], None]

_LOOK = timedelta(milliseconds=100)
_READY = timedelta(seconds=60)
_SETTLED = timedelta(seconds=60)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=30)


class Seat(Protocol):
    """Something that runs, dies and can be started again in its place."""

    @property
    def alive(self) -> bool:
        """Return whether it runs."""

    def start(self) -> None:
        """Start it in its place."""


@dataclass
class ServiceSeat:
    """The place of one process: its command, its log and its port."""

    member: Member
    stack: Stack
    register: Register
    child: Child | None = None

    @property
    def alive(self) -> bool:
        """Return whether the process runs."""
        return self.child is not None and self.child.alive

    def start(self) -> None:
        """Start the process; it is not ready yet."""
        self.child = self.register.spawn(
            Launch(
                self.member.name,
                self.member.command,
                log_of(self.stack.data, self.member.name),
                environment=self.stack.environment(self.member.name),
                port=self.stack.ports[self.member.name],
                stage=self.member.stage,
            )
        )


def log_of(data: Path, name: str) -> Path:
    """Return where a process of the stack writes what it says."""
    return data / "logs" / f"{name}.log"


def pause_after(failures: int) -> timedelta:
    """Return how long to wait before the next start: twice as long each time, with a ceiling."""
    doublings: int = 2 ** min(failures - 1, 10)
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * doublings)


async def run_chore(chore: Chore, stack: Stack, register: Register) -> None:
    """Run one command to its end; raise when it fails."""
    log = log_of(stack.data, chore.name)
    launch = Launch(chore.name, chore.command, log, environment=stack.environment(), stage=SERVICES)
    child = await asyncio.to_thread(register.spawn, launch)
    await when(lambda: not child.alive)
    if child.process.returncode != 0:
        raise Misconfigured(f"{chore.name} failed:\n{last_words(log)}")


async def until_ready(seat: ServiceSeat) -> None:
    """Wait until the process says it is ready; raise when it ends before, or takes too long."""
    name = seat.member.name
    log = log_of(seat.stack.data, name)
    deadline = time.monotonic() + _READY.total_seconds()
    port = seat.stack.ports[name]
    while not await asyncio.to_thread(is_ready, name, port):
        if not seat.alive:
            raise Misconfigured(f"{name} ended while it started:\n{last_words(log)}")
        if time.monotonic() > deadline:
            raise Misconfigured(f"{name} was not ready within {_READY}:\n{last_words(log)}")
        await asyncio.sleep(_LOOK.total_seconds())


class Crew:
    """Keepers: each starts its seat again whenever it dies, until all are dismissed."""

    def __init__(self, say: Say) -> None:
        """Begin with nobody to keep."""
        self._say = say
        self._keepers: list[asyncio.Task[None]] = []

    def keep(self, name: str, seat: Seat) -> None:
        """Watch over this seat from now on."""
        self._keepers.append(asyncio.create_task(self._keep(name, seat)))

    async def dismiss(self) -> None:
        """Start nothing again from now on."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def _keep(self, name: str, seat: Seat) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            await when(lambda: not seat.alive)
            settled = time.monotonic() - began > _SETTLED.total_seconds()
            failures = 1 if settled else failures + 1
            pause = pause_after(failures)
            self._say(f"{name} died; starting it again in {pause.total_seconds():g} s")
            await asyncio.sleep(pause.total_seconds())
            await self._start_again(name, seat)

    async def _start_again(self, name: str, seat: Seat) -> None:
        try:
            await asyncio.to_thread(seat.start)
        except Misconfigured as reason:
            self._say(f"{name}: {reason}")
