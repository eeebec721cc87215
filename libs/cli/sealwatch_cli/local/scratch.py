"""Servers for a while: tests and benches run them in a folder that does not outlive its owner.

When the owner was killed, the next one ends the servers that it left and removes their folder.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sealwatch_cli.local import kernel
from sealwatch_cli.local.memory import recall, remember
from sealwatch_cli.local.processes import Register

_PREFIX = "sealwatch-scratch-"
_OWNER = "owner.json"
_REGISTER = "processes.json"


@contextmanager
def scratch() -> Iterator[tuple[Path, Register]]:
    """Lend a temporary folder with a register; at the end both are gone, with every child."""
    sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    remember(folder / _OWNER, {"pid": os.getpid(), "birth": kernel.birth_of(os.getpid()) or ""})
    folder.chmod(0o755)  # PostgreSQL under root works as another user
    try:
        yield folder, Register(folder / _REGISTER)
    finally:
        _remove(folder)


def sweep(root: Path) -> None:
    """End what owners that are dead left behind."""
    for owner in root.glob(f"{_PREFIX}*/{_OWNER}"):
        if os.access(owner, os.R_OK) and not _lives(recall(owner)):
            _remove(owner.parent)


def _lives(owner: dict[str, str]) -> bool:
    return bool(owner) and kernel.birth_of(int(owner["pid"])) == owner["birth"]


def _remove(folder: Path) -> None:
    Register(folder / _REGISTER).end_all()
    shutil.rmtree(folder, ignore_errors=True)
