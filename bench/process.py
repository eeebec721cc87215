"""What the kernel says of a process: the CPU it used, and the cores it may use."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from bench.figures import Look
from sealwatch_cli.local.kernel import family_of

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, all its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def family_cpu_seconds(pid: int) -> float:
    """Return user and system time of a server: of all its processes that live."""
    return sum(map(cpu_seconds, family_of(pid)))


def served_cpu_seconds(pid: int) -> float:
    """Return user and system time of a server, that of its processes which have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return family_cpu_seconds(pid) + (int(fields[13]) + int(fields[14])) / TICKS


def look(pids: Iterable[int], done: int) -> Look:
    """Return a look at some processes now."""
    return Look(time.monotonic(), sum(map(cpu_seconds, pids)), done)


def core_of_the_measured() -> set[int]:
    """Return the one core on which the measured process runs; others go where the kernel puts them."""
    return {max(os.sched_getaffinity(0))}


def pin(pid: int) -> None:
    """Keep a process on that core, with every thread that it has and will have."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), core_of_the_measured())
