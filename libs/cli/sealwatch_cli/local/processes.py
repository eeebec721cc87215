"""The children of the local stack, and the register that outlives their parent.

Every child is written down with its number and the kernel's mark of its birth before anything
waits for it. After `kill -9` of the parent the next start ends exactly these processes, never
one that merely got the same number.
"""

import json
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel
from sealwatch_cli.local.engine import Container, remove_container
from sealwatch_cli.local.memory import write_private
from sealwatch_cli.local.waiting import wait_until

_REAPED = timedelta(seconds=5)
# the order of ending: who talks to others ends before those it talks to
SERVICES, RECEIVER, SERVERS = 0, 1, 2
GRACE = (timedelta(seconds=4.5), timedelta(seconds=1), timedelta(seconds=3))
_ORDERS = {signal.SIGKILL: "kill", signal.SIGSTOP: "pause", signal.SIGCONT: "unpause"}


@dataclass(frozen=True)
class Launch:
    """How to start one child."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] | None = None
    user: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    port: int = 0
    stage: int = SERVERS
    container: Container | None = None
    stdin: bytes = b""


@dataclass(frozen=True)
class Entry:
    """One line of the register."""

    name: str
    pid: int
    birth: str
    stop_signal: int = signal.SIGTERM
    port: int = 0
    stage: int = SERVERS
    container: str = ""

    def lives(self) -> bool:
        """Return whether this very process, not its number, is still there."""
        return kernel.birth_of(self.pid) == self.birth

    def send(self, signum: signal.Signals) -> bool:
        """Signal this very process; return False when it is gone."""
        return kernel.send(self.pid, self.birth, signum)

    def ask_to_stop(self) -> None:
        """Wake the process if it is frozen and send its stop signal."""
        self.send(signal.SIGCONT)
        self.send(signal.Signals(self.stop_signal))

    def kill(self) -> None:
        """End the process, its descendants and its container at once."""
        family = kernel.family_of(self.pid) if self.lives() else ()
        births = {pid: kernel.birth_of(pid) for pid in family}
        for pid, birth in births.items():
            if birth:
                kernel.send(pid, birth, signal.SIGKILL)
        if self.container:
            remove_container(self.container)


def parse_register(text: str) -> tuple[Entry, ...]:
    """Return the entries; none when the text is not a register (it is replaced as a whole)."""
    try:
        return tuple(Entry(**line) for line in json.loads(text))
    except (ValueError, TypeError):
        return ()


@dataclass
class Child:
    """A running child: it can be stopped, killed, frozen and thawed with all its descendants."""

    entry: Entry
    process: subprocess.Popen[bytes] = field(repr=False)
    container: Container | None = None

    @property
    def alive(self) -> bool:
        """Return whether the child has not ended; reaps it when it has."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Wake the child if it is frozen and send its stop signal."""
        if self.alive:
            self.thaw()
            self.process.send_signal(self.entry.stop_signal)

    def stop(self, within: timedelta) -> None:
        """Ask the child to stop and kill it when it does not in time."""
        self.ask_to_stop()
        self.end(within)

    def end(self, within: timedelta) -> None:
        """Wait for a child that was asked to stop, and kill it at the deadline."""
        try:
            self.process.wait(within.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the child and its descendants at once, as a power cut would."""
        family = self._signal_family(signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(map(kernel.birth_of, family[1:])), _REAPED)

    def freeze(self) -> None:
        """Stop the child's clock: sockets stay open, nothing answers."""
        self._signal_family(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen child go on."""
        self._signal_family(signal.SIGCONT)

    def _signal_family(self, signum: signal.Signals) -> tuple[int, ...]:
        if not self.alive:
            return ()
        if self.container is not None:
            self.container.order(_ORDERS[signum])
            return self._kill_client() if signum == signal.SIGKILL else ()
        if signum == signal.SIGSTOP:
            self.process.send_signal(signum)  # the parent first, so that it forks no more
        family = kernel.family_of(self.process.pid)
        for pid in family:
            if birth := kernel.birth_of(pid):
                kernel.send(pid, birth, signum)
        return family

    def _kill_client(self) -> tuple[int, ...]:
        self.process.kill()
        return ()


class Register:
    """The file of children of one data folder, with one writer at a time."""

    def __init__(self, path: Path) -> None:
        """Keep the register at this path; nothing is read yet."""
        self._path = path
        self._lock = threading.Lock()
        self._closed = False

    def entries(self) -> tuple[Entry, ...]:
        """Return what is written down, dead or alive."""
        try:
            return parse_register(self._path.read_text())
        except FileNotFoundError:
            return ()

    def spawn(self, launch: Launch) -> Child:
        """Start the child in its own session and write it down."""
        launch.log.parent.mkdir(parents=True, exist_ok=True)
        with self._lock, launch.log.open("ab") as log:
            if self._closed:
                raise Misconfigured("the stack is stopping; nothing new is started")
            process = subprocess.Popen(  # noqa: S603 - commands are ours
                list(launch.command),
                stdin=subprocess.PIPE if launch.stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if launch.environment is None else dict(launch.environment),
                start_new_session=True,
                user=launch.user,
                group=launch.user,
                extra_groups=None if launch.user is None else (),
                # the caller's folder may be closed to another user, the root folder is not
                cwd=None if launch.user is None else "/",
            )
            entry = Entry(
                name=launch.name,
                pid=process.pid,
                birth=kernel.birth_of(process.pid) or "ended at once",
                stop_signal=launch.stop_signal,
                port=launch.port,
                stage=launch.stage,
                container=launch.container.name if launch.container else "",
            )
            self._write([*filter(Entry.lives, self.entries()), entry])
        if process.stdin is not None:
            with process.stdin as pipe:
                pipe.write(launch.stdin)
        return Child(entry, process, launch.container)

    def end_all(self) -> tuple[Entry, ...]:
        """End every registered process that still lives, stage by stage; return those that did.

        Takes as long as the deadlines in GRACE at most, and a moment for the killed.
        """
        known = self.entries()
        alive = tuple(filter(Entry.lives, known))
        for stage, grace in enumerate(GRACE):
            _end([entry for entry in alive if entry.stage == stage], grace)
        if known:
            with self._lock:
                self._write([])
        return alive

    def close(self) -> None:
        """Refuse children from now on, so that stopping cannot be overtaken by a start."""
        with self._lock:
            self._closed = True

    def _write(self, entries: Sequence[Entry]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._path, json.dumps([asdict(entry) for entry in entries], indent=1))


def _end(entries: Sequence[Entry], grace: timedelta) -> None:
    for entry in entries:
        entry.ask_to_stop()
    if wait_until(lambda: not any(map(Entry.lives, entries)), grace):
        return
    for entry in entries:
        entry.kill()
    wait_until(lambda: not any(map(Entry.lives, entries)), _REAPED)
