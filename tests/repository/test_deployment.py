"""What is deployed is what the code has, in Compose and Kubernetes: commands, settings, ports, paths."""

from dataclasses import replace

import pytest

from tests.repository.deployed import (
    ROOT,
    SERVICES,
    Part,
    command_faults,
    parts,
    path_faults,
    port_faults,
    settings_faults,
)

PARTS = parts()
DATABASE = {"SEALWATCH_DATABASE_URL": "postgresql://somewhere/sealwatch"}
SOUND = Part(("scorer",), DATABASE, frozenset({8082}), frozenset({"/readyz"}))
CHECKS = (command_faults, settings_faults, port_faults, path_faults)


def test_every_process_and_both_steps_are_deployed_in_both_ways():
    names = sorted(part.name for part in PARTS)

    assert names == sorted([*SERVICES, "migrate", "topics"] * 2)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_the_code_has_what_the_files_name(part, check):
    assert check(part) == []


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_part_has_no_faults(check):
    assert check(SOUND) == []


@pytest.mark.parametrize(
    ("check", "changed", "words"),
    [
        (command_faults, {"words": ("scorre",)}, "scorre"),
        (command_faults, {"words": ("topics",)}, "topics"),
        (command_faults, {"words": ("topics", "apply", "--partition-count", "6")}, "NoSuchOption"),
        (command_faults, {"words": ("topics", "apply", "--partitions", "six")}, "BadParameter"),
        (command_faults, {"words": ("migrate", "now")}, "UsageError"),
        (settings_faults, {"told": {}}, "SEALWATCH_DATABASE_URL: Field required"),
        (settings_faults, {"told": DATABASE | {"SEALWATCH_POLICY_FIEL": "x"}}, "SEALWATCH_POLICY_FIEL is no"),
        (settings_faults, {"told": DATABASE | {"SEALWATCH_CURSOR_KEY": "x"}}, "no setting of scorer"),
        (settings_faults, {"told": DATABASE | {"SEALWATCH_LOG_LEVEL": "loud"}}, "SEALWATCH_LOG_LEVEL"),
        (settings_faults, {"words": ("topics",), "told": DATABASE}, "no setting of topics"),
        (port_faults, {"ports": frozenset({8080})}, "listens on {8082}"),
        (port_faults, {"ports": frozenset()}, "listens on {8082}"),
        (path_faults, {"paths": frozenset({"/readyz", "/healthz"})}, "/healthz"),
        (path_faults, {"paths": frozenset({"/livez"})}, "never asked"),
    ],
)
def test_a_part_that_the_code_does_not_have_is_found(check, changed, words):
    faults = check(replace(SOUND, **changed))

    assert len(faults) >= 1
    assert words in " ".join(faults)


def test_what_the_operator_must_bring_is_in_the_guide():
    guide = (ROOT / "docs" / "deployment.md").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    brought = {"POSTGRES_PASSWORD", "API_DB_PASSWORD", "SCORER_DB_PASSWORD", "ALERTS_DB_PASSWORD"}
    brought |= {"SEALWATCH_SECRETS_KEY", "SEALWATCH_CURSOR_KEY", "PUBLISH_ADDRESS"}

    unsaid = {name for name in brought if f"{name}=" not in guide or f"${{{name}:" not in compose}

    assert unsaid == set()
