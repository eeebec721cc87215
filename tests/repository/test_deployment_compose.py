"""The Compose file: valid by the schema, the broker of the local stack, nothing open by default."""

import copy
import json
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.resources import files

import jsonschema
import pytest

from sealwatch.shell.settings import ProcessSettings
from sealwatch_cli.local import kafka, postgres
from sealwatch_cli.local.kafka_config import NodePorts, container_environment
from tests.repository.deployed import ROOT, SERVICES, compose, ours

FILE = compose()
SCHEMA = json.loads(
    files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text()
)
ONLY_WITHOUT_CONTAINERS = {
    "KAFKA_BROKER_SESSION_TIMEOUT_MS",  # a container comes back slower than a second anyway
    "KAFKA_BROKER_HEARTBEAT_INTERVAL_MS",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS",  # only tests have sessions below the default
}


def schema_faults(document):
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)
    return [error.json_path for error in validator.iter_errors(document)]


def loose(service):
    """Return which of the bounds a process of ours goes without."""
    bound = {
        "read_only": service.get("read_only") is True,
        "cap_drop": service.get("cap_drop") == ["ALL"],
        "security_opt": service.get("security_opt") == ["no-new-privileges:true"],
        "init": service.get("init") is True,
        "privileged": not service.get("privileged", False),
        "user": "user" not in service,  # the image's own, which is checked there
    }
    return {name for name, holds in bound.items() if not holds}


WITHOUT_EMAIL = {"SEALWATCH_LINK_KEYS", "SEALWATCH_SMTP_PASSWORD"}  # may be empty: then there is none


def guessable(text):
    """Return the secrets that have a default, or that Compose would leave empty in silence."""
    named = re.findall(r"\$\{?(\w*(?:PASSWORD|KEY)\w*)([^}]*)", text)
    empty = {(name, ":-") for name in WITHOUT_EMAIL}
    return [name for name, rest in named if not rest.startswith(":?") and (name, rest) not in empty]


def spoilt(*path, value):
    """Return the file with one value changed."""
    document = copy.deepcopy(FILE)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def test_it_is_valid_by_the_schema_of_the_specification():
    assert schema_faults(FILE) == []


@pytest.mark.parametrize(
    "document",
    [
        spoilt("services", "scorer", "depends_on", "migrate", "condition", value="service_done"),
        spoilt("services", "api", "healtcheck", value={}),
        spoilt("services", "api", "read_only", value=7),
        spoilt("services", "kafka", "healthcheck", "tries", value=3),
    ],
)
def test_what_the_specification_does_not_know_is_found(document):
    assert len(schema_faults(document)) >= 1


def test_the_broker_is_the_one_of_the_local_stack():
    service = FILE["services"]["kafka"]
    local = container_environment(NodePorts(9092, 9093), "/var/lib/kafka/data")
    expected = {name: value for name, value in local.items() if name not in ONLY_WITHOUT_CONTAINERS}
    expected["KAFKA_ADVERTISED_LISTENERS"] = "PLAINTEXT://kafka:9092"
    given = {name: value for name, value in service["environment"].items() if name != "KAFKA_HEAP_OPTS"}

    assert local.keys() > ONLY_WITHOUT_CONTAINERS
    assert given == expected
    assert service["image"] == kafka.IMAGE
    assert service["volumes"] == ["kafka:/var/lib/kafka/data"]


def test_postgres_is_of_the_major_version_of_the_local_stack_and_keeps_its_data():
    service = FILE["services"]["postgres"]

    assert service["image"].startswith(f"{postgres.IMAGE}.")
    assert "postgres:/var/lib/postgresql" in service["volumes"]


@pytest.mark.parametrize("name", ours(FILE))
def test_a_process_of_ours_is_bound_and_of_this_version(name):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert loose(FILE["services"][name]) == set()
    assert FILE["services"][name]["image"] == f"sealwatch:{project['version']}"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("read_only", False), ("cap_drop", []), ("security_opt", []), ("init", False), ("privileged", True),
        ("user", "root"),
    ],
)  # fmt: skip
def test_a_process_without_a_bound_is_found(setting, value):
    assert loose(FILE["services"]["api"] | {setting: value}) == {setting}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_comes_back_drains_and_is_asked_how_it_is(name):
    service = FILE["services"][name]
    drain = ProcessSettings.model_fields["drain_seconds"].default

    assert service["restart"] == "unless-stopped"
    assert int(service["stop_grace_period"].removesuffix("s")) >= drain + 5
    assert service["healthcheck"]["test"][:3] == ["CMD", "python", "-c"]


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("migrate", {"postgres": "service_healthy"}),
        ("topics", {"kafka": "service_healthy"}),
        ("ingest", {"topics": "service_completed_successfully"}),
        *(
            (name, dict.fromkeys(("migrate", "topics"), "service_completed_successfully"))
            for name in ("scorer", "alerts", "api")
        ),
    ],
)
def test_everything_waits_for_what_it_stands_on(name, waits):
    asked = {one: how["condition"] for one, how in FILE["services"][name]["depends_on"].items()}

    assert asked == waits


def test_only_the_two_doors_are_published_and_on_this_machine_unless_told_otherwise():
    published = {name: one["ports"] for name, one in FILE["services"].items() if "ports" in one}

    assert published == {
        "ingest": ["${PUBLISH_ADDRESS:-127.0.0.1}:8081:8081"],
        "api": ["${PUBLISH_ADDRESS:-127.0.0.1}:8080:8080"],
    }


def test_stores_and_scorer_have_no_way_out():
    inside = {name for name, one in FILE["services"].items() if one["networks"] == ["inside"]}

    assert FILE["networks"]["inside"] == {"internal": True}
    assert inside == {"kafka", "postgres", "migrate", "topics", "scorer"}


def test_no_secret_has_a_default():
    assert guessable((ROOT / "docker-compose.yml").read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "${API_DB_PASSWORD:-secret}",
        "${SEALWATCH_CURSOR_KEY}",
        "$POSTGRES_PASSWORD",
        "${SEALWATCH_LINK_KEYS:-x}",
    ],
)
def test_a_secret_with_a_default_is_found(text):
    assert len(guessable(text)) == 1


class Door(BaseHTTPRequestHandler):
    """Answers health questions with the status of its server."""

    def do_GET(self):
        self.send_response(self.server.status if self.path == "/readyz" else 404)
        self.end_headers()

    def log_message(self, *_):
        """Keep quiet."""


@pytest.mark.parametrize(("status", "exit_code"), [(200, 0), (503, 1)])
def test_the_health_check_tells_ready_from_not_ready(status, exit_code):
    script = FILE["services"]["api"]["healthcheck"]["test"][3]
    with HTTPServer(("127.0.0.1", 0), Door) as server:
        server.status = status
        threading.Thread(target=server.handle_request).start()
        told = {"SEALWATCH_HTTP_PORT": str(server.server_port)}

        asked = subprocess.run([sys.executable, "-c", script], env=told, check=False, timeout=30)  # noqa: S603

    assert asked.returncode == exit_code
