"""Removing what a stack kept, so that the next start begins with nothing."""

import shutil
from pathlib import Path

from sealwatch_cli.local.lock import only_supervisor
from sealwatch_cli.local.memory import recall
from sealwatch_cli.local.postgres import PRIVATE_ROOT
from sealwatch_cli.local.processes import Register


def clear(data: Path) -> None:
    """Remove the folder and PostgreSQL's files elsewhere; refuse while a stack runs in it."""
    if not data.exists():
        return
    with only_supervisor(data):
        Register(data / "processes.json").end_all()
        home = Path(recall(data / "postgres" / "home.json").get("home", data))
        if home.is_relative_to(PRIVATE_ROOT):
            shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(data)
