"""The policy that holds until a version is published: of a file, else the shipped one of a database.

A release may ship another document than the one before it. What is summed already would then be of another
kind than what comes in, so a database goes by the one it began with; its migrations say which that is.
"""

from collections.abc import Awaitable, Callable

from sealwatch.errors import Misconfigured
from sealwatch.shell.policies import FOLDER
from sealwatch.shell.policy_documents import Version, load_version

EARLIER = ("2026.1",)
"""The versions that earlier releases shipped, each still read by databases that began with it."""

BeganWith = Callable[[], Awaitable[str]]


def shipped() -> tuple[Version, ...]:
    """Return every shipped version, the one of this release first."""
    return (load_version(), *(load_version(FOLDER / f"{version}.json") for version in EARLIER))


def shipped_as(version: str) -> Version:
    """Return a shipped version by its name, or raise Misconfigured."""
    for one in shipped():
        if one.policy.version == version:
            return one
    raise Misconfigured(f"this database began with the shipped policy {version}, which is of another release")


class FirstPolicy:
    """The first policy of a database; it never changes, so it is asked for once."""

    def __init__(self, given: Version | None = None) -> None:
        """Keep the version of a file, which goes before what the database says."""
        self._version = given

    async def version(self, began_with: BeganWith) -> Version:
        """Return the first policy."""
        if self._version is None:
            self._version = shipped_as(await began_with())
        return self._version
