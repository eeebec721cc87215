"""What the kernel says of a process: the CPU it used, and the cores it may use."""

import os
import time
from pathlib import Path

from bench.figures import Look

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, all its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def look(pid: int, done: int) -> Look:
    """Return a look at a process now."""
    return Look(time.monotonic(), cpu_seconds(pid), done)


def core_of_the_measured() -> set[int]:
    """Return the one core on which the measured process runs; others go where the kernel puts them."""
    return {max(os.sched_getaffinity(0))}


def pin(pid: int) -> None:
    """Keep a process on that core, with every thread that it has and will have."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), core_of_the_measured())
