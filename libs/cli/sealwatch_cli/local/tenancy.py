"""Which user PostgreSQL runs as, and whether that user can reach a folder.

PostgreSQL refuses to run as root, so root lends it the unprivileged user of every Unix. That
user must be able to walk to the folder; the parents' permissions are not ours to change.
"""

import os
import stat
from pathlib import Path

NOBODY = 65_534


def tenant(effective_user: int) -> int | None:
    """Return the user to become: none unless we are root."""
    return NOBODY if effective_user == 0 else None


def passable(mode: int, owner: int, user: int) -> bool:
    """Return whether `user` may walk through a folder, by its owner bit or its others bit."""
    return bool(mode & (stat.S_IXUSR if owner == user else stat.S_IXOTH))


def first_barrier(folder: Path, user: int | None) -> Path | None:
    """Return the outermost existing folder on the way that the user cannot walk through."""
    if user is None:
        return None
    for step in [*reversed(folder.parents), folder]:
        if not step.exists():
            return None
        facts = step.stat()
        if not passable(facts.st_mode, facts.st_uid, user):
            return step
    return None


def give(folder: Path, user: int | None) -> None:
    """Make the folder, private to the user who runs the server."""
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user, user)
    folder.chmod(0o700)
