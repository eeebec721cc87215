"""The jars of Apache Kafka, fetched once by Maven into a cache that all checkouts share."""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import kernel
from sealwatch_cli.local.processes import Launch, Register
from sealwatch_cli.local.waiting import wait_until

KAFKA_VERSION = "4.3.1"
POM = Path(__file__).with_name("kafka-pom.xml")
_DEADLINE = timedelta(minutes=15)
_JARS = 46  # what the pom resolves to; only the progress line needs it

Say = Callable[[str], None]


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where the jars are kept: our own setting, else the platform's convention."""
    if own := environment.get("SEALWATCH_CACHE"):
        root = Path(own)
    else:
        root = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sealwatch"
    return root / f"kafka-{KAFKA_VERSION}"


def cached(cache: Path) -> bool:
    """Return whether the cache holds what today's pom asks for.

    The folder appears by one rename after Maven succeeded, so a cut-off download never counts.
    """
    pom = cache / POM.name
    return pom.is_file() and pom.read_bytes() == POM.read_bytes()


def fetch(cache: Path, *, maven: str | None, register: Register, say: Say) -> Path:
    """Return the folder of jars, resolving them first when the cache has none."""
    if not cached(cache):
        if maven is None:
            raise Misconfigured("Maven is missing, which fetches Kafka's jars once")
        partial = _partial_folder(cache)
        _resolve(partial, maven=maven, register=register, say=say)
        _publish(partial, cache)
    return cache / "libs"


def _partial_folder(cache: Path) -> Path:
    """Return a new folder beside the cache; what killed downloads left there goes."""
    for left in cache.parent.glob(f".{cache.name}.*"):
        if kernel.birth_of(int(left.name.rpartition(".")[2])) is None:
            shutil.rmtree(left, ignore_errors=True)
    partial = cache.with_name(f".{cache.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def _publish(partial: Path, cache: Path) -> None:
    shutil.copyfile(POM, partial / POM.name)
    if cached(cache):  # somebody else was quicker
        shutil.rmtree(partial)
        return
    shutil.rmtree(cache, ignore_errors=True)
    partial.rename(cache)


def _resolve(partial: Path, *, maven: str, register: Register, say: Say) -> None:
    log = partial / "maven.log"
    command = [maven, "-B", "-Dstyle.color=never", "-f", str(POM), "dependency:copy-dependencies"]
    command += ["-DincludeScope=runtime", f"-DoutputDirectory={partial / 'libs'}"]
    say(f"Apache Kafka {KAFKA_VERSION}: fetching about {_JARS} jars, 44 MB, once")
    child = register.spawn(Launch("maven", command, log))
    ended = False
    told = 0
    for _ in range(int(_DEADLINE.total_seconds())):
        ended = wait_until(lambda: not child.alive, timedelta(seconds=1))
        if ended:
            break
        if (count := log.read_text(errors="replace").count(".jar (")) > told:
            told = count
            say(f"Apache Kafka {KAFKA_VERSION}: {count} files fetched, Maven's own among them")
    if not ended:
        child.kill()
    if child.process.returncode != 0:
        raise Misconfigured(f"Maven could not fetch Apache Kafka; its last words:\n{_tail(log)}")
    say(f"Apache Kafka {KAFKA_VERSION}: {len(list((partial / 'libs').iterdir()))} jars ready")


def _tail(log: Path, lines: int = 8) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
