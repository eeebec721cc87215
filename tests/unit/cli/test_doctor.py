from dataclasses import replace
from pathlib import Path

import pytest

from sealwatch_cli.doctor import Surroundings, Verdict, diagnose
from sealwatch_cli.local.machine import Machine

MACHINE = Machine(
    java="/bin/java",
    java_version=17,
    maven="/bin/mvn",
    jars_cache=Path("/cache"),
    jars_cached=True,
    docker=False,
    postgres_binaries=Path("/pg/bin"),
)
AROUND = Surroundings(
    machine=MACHINE, environment={}, python=(3, 11), free_disk_mb=5_000, taken_ports={}, barrier=None
)
NO_JAVA = replace(MACHINE, java=None, java_version=None, maven=None, jars_cached=False)


def missing(around):
    return {finding.subject for finding in diagnose(around) if finding.verdict is Verdict.MISSING}


@pytest.mark.parametrize(
    ("around", "subjects"),
    [
        (AROUND, set()),
        (replace(AROUND, machine=NO_JAVA), {"Kafka"}),
        (replace(AROUND, machine=replace(NO_JAVA, docker=True)), set()),
        (replace(AROUND, machine=NO_JAVA, environment={"SEALWATCH_KAFKA_BOOTSTRAP": "k:9092"}), set()),
        (replace(AROUND, machine=replace(MACHINE, postgres_binaries=None)), {"PostgreSQL"}),
        (replace(AROUND, python=(3, 10)), {"Python"}),
        (replace(AROUND, free_disk_mb=900), {"Disk"}),
        (replace(AROUND, taken_ports={"api": 8080}), set()),
        (replace(AROUND, barrier=Path("/closed")), set()),
    ],
)
def test_missing_is_exactly_what_stops_a_start(around, subjects):
    assert missing(around) == subjects


def test_everything_missing_has_a_remedy():
    worst = replace(AROUND, machine=replace(NO_JAVA, postgres_binaries=None), python=(3, 9), free_disk_mb=1)

    findings = [finding for finding in diagnose(worst) if finding.verdict is Verdict.MISSING]

    assert len(findings) == 4
    assert all(finding.remedy for finding in findings)


def test_a_taken_port_is_named_and_no_obstacle():
    words = {
        finding.subject: finding.words for finding in diagnose(replace(AROUND, taken_ports={"api": 8080}))
    }

    assert words["Ports"].startswith("taken: 8080 (api)")
