"""One supervisor per data folder; the kernel drops the lock of a killed one."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel
from sealwatch_cli.local.memory import recall, remember
from sealwatch_cli.local.processes import Entry

_LOCK, _HOLDER = "supervisor.lock", "supervisor.json"


@contextmanager
def only_supervisor(data: Path) -> Iterator[None]:
    """Hold the data folder; refuse when another supervisor holds it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"a stack is already running in {data}: look with `sealwatch local status`, "
                f"stop it with `sealwatch local down`"
            ) from None
        remember(data / _HOLDER, {"pid": os.getpid(), "birth": kernel.birth_of(os.getpid()) or ""})
        yield


def holder(data: Path) -> Entry | None:
    """Return the supervisor that runs in this folder, if one does."""
    known = recall(data / _HOLDER)
    if not known:
        return None
    entry = Entry("supervisor", int(known["pid"]), known["birth"])
    return entry if entry.lives() else None
