"""`sealwatch local status` and `down`: look at a running stack from outside."""

import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel
from sealwatch_cli.local.lock import holder
from sealwatch_cli.local.probe import http_ready, kafka_answers, postgres_answers
from sealwatch_cli.local.processes import Entry, Register
from sealwatch_cli.local.stack import load
from sealwatch_cli.local.waiting import wait_until

_DOWN = timedelta(seconds=15)
_PROBES = {"kafka": kafka_answers, "postgres": postgres_answers}


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    name: str
    pid: int
    port: int
    up_since: datetime | None
    ready: bool


def rows(data: Path) -> tuple[Row, ...]:
    """Return the supervisor and its members, dead ones included; nothing when no stack runs."""
    supervisor = holder(data)
    if supervisor is None:
        return ()
    stack = load(data)
    alive = {entry.name: entry for entry in Register(data / "processes.json").entries() if entry.lives()}
    missing = tuple(
        Row(name, 0, port, None, ready=False) for name, port in stack.ports.items() if name not in alive
    )
    first = Row("supervisor", supervisor.pid, 0, kernel.up_since(supervisor.pid), ready=True)
    return (first, *map(_row, alive.values()), *missing)


def _row(entry: Entry) -> Row:
    probe = _PROBES.get(entry.name, http_ready)
    return Row(entry.name, entry.pid, entry.port, kernel.up_since(entry.pid), ready=probe(entry.port))


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
