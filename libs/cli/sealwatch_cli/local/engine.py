"""A Docker engine, where one answers: the second choice for both servers."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

_ANSWER = timedelta(seconds=2)
_ORDER = timedelta(seconds=30)


def _docker(*words: str, within: timedelta) -> bool:
    try:
        answer = subprocess.run(  # noqa: S603 - commands are ours
            ["docker", *words],  # noqa: S607 - the user's own engine, found by name
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within.total_seconds(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def engine_answers() -> bool:
    """Return whether `docker info` succeeds within two seconds."""
    return shutil.which("docker") is not None and _docker("info", within=_ANSWER)


@dataclass(frozen=True)
class Container:
    """One container that runs in the foreground as our child and leaves nothing behind."""

    name: str
    image: str
    port: tuple[int, int]
    volume: tuple[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    arguments: Sequence[str] = ()

    def command(self) -> list[str]:
        """Return the command whose life is the container's life."""
        words = ["docker", "run", "--rm", "--name", self.name]
        words += ["-p", "127.0.0.1:{}:{}".format(*self.port), "-v", ":".join(self.volume)]
        for name, value in self.environment.items():
            words += ["-e", f"{name}={value}"]
        return [*words, self.image, *self.arguments]

    def remove(self) -> None:
        """Remove a container that an earlier, killed start left behind."""
        remove_container(self.name)

    def order(self, word: str) -> None:
        """Tell the engine to kill, pause or unpause the container."""
        _docker(word, self.name, within=_ORDER)


def remove_container(name: str) -> None:
    """End and remove a container, which is no error when there is none."""
    _docker("rm", "-f", name, within=_ORDER)
