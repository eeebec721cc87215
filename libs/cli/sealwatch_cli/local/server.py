"""A server as a child of ours: what Kafka and PostgreSQL have in common."""

import subprocess
from abc import ABC, abstractmethod
from datetime import timedelta
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.processes import Child, Launch, Register
from sealwatch_cli.local.waiting import wait_until
from sealwatch_cli.local.words import last_words

_UP, _DOWN = timedelta(seconds=60), timedelta(seconds=5)


class Server(ABC):
    """One server with its data in one folder; a second start there finds its data again.

    Synchronous on purpose: fixtures call it directly, coroutines through a thread.
    """

    def __init__(self, folder: Path, register: Register | None = None) -> None:
        """Prepare a server in this folder; without a register of others it keeps its own."""
        self.folder = folder.absolute()
        self.log = self.folder / "server.log"
        self._shared = register is not None
        self.register = register or Register(self.folder / "processes.json")
        self._child: Child | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Return the child process."""
        return self._running().process

    @property
    def alive(self) -> bool:
        """Return whether the process runs; it may be frozen."""
        return self._child is not None and self._child.alive

    def start(self) -> None:
        """Start the server and return when it really answers."""
        if not self._shared:
            self.register.end_all()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._child = self.register.spawn(self._prepare())
        answered = wait_until(lambda: not self.alive or self.answers(), _UP) and self.alive
        if not answered:
            self.kill()
            raise Misconfigured(
                f"{type(self).__name__} did not start; its log is {self.log}:\n{last_words(self.log)}"
            )

    def stop(self, within: timedelta = _DOWN) -> None:
        """Stop in an orderly way; kill what does not stop in time."""
        if self._child is not None:
            self._child.stop(within)

    def kill(self) -> None:
        """End the server and its helpers at once, as a power cut would."""
        self._running().kill()

    def freeze(self) -> None:
        """Stop the server's clock: its sockets stay open and nothing answers."""
        self._running().freeze()

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._running().thaw()

    @abstractmethod
    def answers(self) -> bool:
        """Return whether the server does its work now."""

    @abstractmethod
    def _prepare(self) -> Launch:
        """Bring the folder into shape and return how to start the server."""

    def _running(self) -> Child:
        if self._child is None:
            raise Misconfigured(f"{type(self).__name__} was not started yet")
        return self._child
