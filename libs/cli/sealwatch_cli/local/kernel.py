"""What the kernel knows of processes: who still lives, since when, and whose child it is."""

import os
import signal
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

PROC = Path("/proc")
_DEAD_STATES = "ZX"


@dataclass(frozen=True)
class Stat:
    """The fields of /proc/<pid>/stat that we read."""

    state: str
    parent: int
    start_ticks: int


def parse_stat(text: str) -> Stat:
    """Return the fields behind the program name, which may itself hold spaces and brackets."""
    fields = text.rpartition(")")[2].split()
    return Stat(state=fields[0], parent=int(fields[1]), start_ticks=int(fields[19]))


def _stat(pid: int) -> Stat | None:
    try:
        return parse_stat((PROC / str(pid) / "stat").read_text())
    except OSError:
        return None


def _boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def _ps(pid: int) -> str | None:
    answer = subprocess.run(  # noqa: S603 - a fixed command with a number
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip() or None


def birth_of(pid: int) -> str | None:
    """Return a mark that no other process with this number ever had, or None for a dead one.

    Start ticks count from boot, so the mark carries the boot too.
    """
    if not PROC.is_dir():
        return _ps(pid)
    stat = _stat(pid)
    if stat is None or stat.state in _DEAD_STATES:
        return None
    return f"{_boot_id()}:{stat.start_ticks}"


def up_since(pid: int) -> datetime | None:
    """Return when the kernel started this process, to a second, where /proc tells."""
    stat = _stat(pid)
    if stat is None:
        return None
    lines = (PROC / "stat").read_text().splitlines()
    boot = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
    running = timedelta(seconds=stat.start_ticks / os.sysconf("SC_CLK_TCK"))
    return datetime.fromtimestamp(boot, UTC) + running


def command_of(pid: int) -> str:
    """Return the command line of a process, or nothing where it is gone or /proc is missing."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode(errors="replace")


def _parents() -> dict[int, int]:
    if not PROC.is_dir():
        table = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True)  # noqa: S607
        return {int(pid): int(parent) for pid, parent in map(str.split, table.splitlines())}
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    return {pid: stat.parent for pid in pids if (stat := _stat(pid)) is not None}


def family_of(pid: int, parents: dict[int, int] | None = None) -> tuple[int, ...]:
    """Return the process and all its descendants, the process first."""
    known = _parents() if parents is None else parents
    family = [pid]
    for member in family:
        family.extend(child for child, parent in known.items() if parent == member)
    return tuple(family)


def send(pid: int, birth: str, signum: signal.Signals) -> bool:
    """Signal the process born at `birth`; return False when it is gone or its number is reused.

    Where the kernel has process handles the check and the signal meet the same process.
    """
    if not hasattr(os, "pidfd_open"):
        return birth_of(pid) == birth and _kill(pid, signum)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if birth_of(pid) != birth:
            return False
        signal.pidfd_send_signal(handle, signum)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


def _kill(pid: int, signum: signal.Signals) -> bool:
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        return False
    return True
