"""`sealwatch local status` and `down`: look at a running stack from outside."""

import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel
from sealwatch_cli.local.lock import holder
from sealwatch_cli.local.probe import is_ready
from sealwatch_cli.local.processes import Entry, Register
from sealwatch_cli.local.stack import ports_of
from sealwatch_cli.local.waiting import wait_until

SUPERVISOR = "supervisor"
_DOWN = timedelta(seconds=15)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    pid: int
    port: int
    up_since: datetime | None
    ready: bool


def rows(data: Path) -> tuple[Row, ...]:
    """Return the supervisor and its members, dead ones included; nothing when nothing of a stack lives."""
    supervisor = holder(data)
    alive = {entry.name: entry for entry in Register(data / "processes.json").entries() if entry.lives()}
    if supervisor is None and not alive:
        return ()
    missing = tuple(
        Row(name, 0, port, None, ready=False) for name, port in ports_of(data).items() if name not in alive
    )
    return (_first(supervisor), *map(_row, alive.values()), *missing)


def is_headless(found: tuple[Row, ...]) -> bool:
    """Return whether members live on whose supervisor was killed: nobody starts them again."""
    return bool(found) and not found[0].ready


def _first(supervisor: Entry | None) -> Row:
    if supervisor is None:
        return Row(SUPERVISOR, 0, 0, None, ready=False)
    return Row(SUPERVISOR, supervisor.pid, 0, kernel.up_since(supervisor.pid), ready=True)


def _row(entry: Entry) -> Row:
    ready = is_ready(entry.name, entry.port)
    return Row(entry.name, entry.pid, entry.port, kernel.up_since(entry.pid), ready=ready)


def down(data: Path) -> bool:
    """Stop the stack of this folder and return whether one was running.

    A stack whose supervisor was killed is stopped too: its register tells what is left.
    """
    supervisor = holder(data)
    if supervisor is None:
        return bool(Register(data / "processes.json").end_all())
    supervisor.send(signal.SIGTERM)
    if not wait_until(lambda: not supervisor.lives(), _DOWN):
        raise Misconfigured(f"the supervisor (pid {supervisor.pid}) did not stop within {_DOWN}")
    return True
