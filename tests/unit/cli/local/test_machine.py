from dataclasses import replace
from pathlib import Path

import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.machine import (
    Binaries,
    Engine,
    Given,
    Jvm,
    Machine,
    choose_kafka,
    choose_postgres,
    parse_java_version,
)

FULL = Machine(
    java="/bin/java",
    java_version=17,
    maven="/bin/mvn",
    jars_cache=Path("/cache"),
    jars_cached=False,
    docker=True,
    postgres_binaries=Path("/pg/bin"),
)
BARE = replace(FULL, java=None, java_version=None, maven=None, docker=False, postgres_binaries=None)
ON_JVM = Jvm("/bin/java", Path("/cache"), "/bin/mvn")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ("No Java runtime present", None),
    ],
)
def test_the_java_version_is_read_from_what_java_prints(text, version):
    assert parse_java_version(text) == version


@pytest.mark.parametrize(
    ("machine", "bootstrap", "choice"),
    [
        (FULL, "kafka:9092", Given("kafka:9092")),
        (FULL, None, ON_JVM),
        (replace(FULL, maven=None), None, Engine()),
        (replace(FULL, maven=None, jars_cached=True), None, replace(ON_JVM, maven=None)),
        (replace(FULL, java_version=11), None, Engine()),
        (replace(FULL, java=None, java_version=None), "", Engine()),
    ],
)
def test_kafka_is_the_given_one_else_the_jvm_else_a_container(machine, bootstrap, choice):
    assert choose_kafka(machine, bootstrap) == choice


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (BARE, "there is no Java"),
        (replace(BARE, java="/bin/java", java_version=11), "Java 11 is too old"),
        (replace(BARE, java="/bin/java", java_version=17), "Maven is missing"),
    ],
)
def test_without_any_kafka_the_message_says_what_to_install(machine, words):
    with pytest.raises(Misconfigured, match=words) as refusal:
        choose_kafka(machine, None)

    assert "apt install" in str(refusal.value)


@pytest.mark.parametrize(
    ("machine", "url", "choice"),
    [
        (FULL, "postgresql://u@h/d", Given("postgresql://u@h/d")),
        (FULL, None, Binaries(Path("/pg/bin"))),
        (replace(FULL, postgres_binaries=None), None, Engine()),
    ],
)
def test_postgres_is_the_given_one_else_the_wheels_else_a_container(machine, url, choice):
    assert choose_postgres(machine, url) == choice


def test_without_any_postgres_the_message_says_so():
    with pytest.raises(Misconfigured, match="SEALWATCH_DATABASE_URL"):
        choose_postgres(BARE, None)
