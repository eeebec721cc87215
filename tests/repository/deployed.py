"""What the deployment files say, read into one shape, and what of it the code would not understand.

Every check returns its faults as texts, so that a test can show both that the files have none and
that the check finds one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
import yaml

from sealwatch.errors import Misconfigured
from sealwatch.shell.health import Health
from sealwatch.shell.settings import ALL, PREFIX, load
from sealwatch_cli.main import app

ROOT = Path(__file__).parents[2]
BASE = ROOT / "deploy" / "k8s" / "base"
SERVICES = ("ingest", "scorer", "alerts", "api")
SETTINGS_OF = {"migrate": ALL["admin"]} | ALL
WORKLOADS = ("Deployment", "StatefulSet", "Job")
INTERPOLATION = re.compile(r"\$\{(?P<name>\w+):(?P<sign>[?-])(?P<rest>[^}]*)\}")


@dataclass(frozen=True)
class Part:
    """One container of ours: the words of its command, what it is told, where it is reached."""

    words: tuple[str, ...]
    told: Mapping[str, str]
    ports: frozenset[int] = frozenset()
    paths: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the first word, which names the process."""
        return self.words[0]


# ---------------------------------------------------------------- reading


def compose() -> dict[str, Any]:
    """Return the Compose file."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def ours(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the services of a Compose file that run our image."""
    return {name: one for name, one in document["services"].items() if "build" in one}


def interpolated(value: str) -> str:
    """Return a value as Compose would fill it in, any text standing for what has no default."""
    return INTERPOLATION.sub(lambda found: found["rest"] if found["sign"] == "-" else "given", value)


def compose_part(service: Mapping[str, Any]) -> Part:
    """Return what a Compose service of ours runs."""
    told = {name: interpolated(value) for name, value in service.get("environment", {}).items()}
    published = {int(port.rsplit(":", 1)[1]) for port in service.get("ports", ())}
    told_port = {int(told["SEALWATCH_HTTP_PORT"])} if "SEALWATCH_HTTP_PORT" in told else set()
    script = " ".join(service.get("healthcheck", {}).get("test", ()))
    paths = re.findall(r'"GET", "([^"]+)"', script)
    return Part(tuple(service["command"]), told, frozenset(published | told_port), frozenset(paths))


def manifests(folder: Path = BASE) -> list[dict[str, Any]]:
    """Return every document of every manifest, without the kustomization."""
    files = sorted(path for path in folder.glob("*.yaml") if path.name != "kustomization.yaml")
    return [document for path in files for document in yaml.safe_load_all(path.read_text())]


def of_kind(documents: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    """Return the documents of these kinds."""
    return [document for document in documents if document["kind"] in kinds]


def pod_part(workload: Mapping[str, Any], documents: list[dict[str, Any]]) -> Part:
    """Return what the container of a workload runs, with its ConfigMaps resolved."""
    container = workload["spec"]["template"]["spec"]["containers"][0]
    maps = {one["metadata"]["name"]: one["data"] for one in of_kind(documents, "ConfigMap")}
    told: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        told |= maps[source["configMapRef"]["name"]]
    told |= {entry["name"]: entry.get("value", "given") for entry in container.get("env", ())}
    ports = {port["containerPort"] for port in container.get("ports", ())}
    probes = [one for name, one in container.items() if name.endswith("Probe")]
    paths = {probe["httpGet"]["path"] for probe in probes}
    return Part(tuple(container["args"]), told, frozenset(ports), frozenset(paths))


def parts() -> list[Part]:
    """Return every container of ours, from both kinds of files."""
    documents = manifests()
    pods = [pod_part(workload, documents) for workload in of_kind(documents, *WORKLOADS)]
    return [compose_part(service) for service in ours(compose()).values()] + pods


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, each with what follows it."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined]


# ---------------------------------------------------------------- checking, against the code


def command_faults(part: Part) -> list[str]:
    """Return why the command line would not be understood."""
    command: Any = typer.main.get_command(app)
    words = list(part.words)
    try:
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context(command.name, words)
    except (KeyError, IndexError, typer.TyperException) as error:
        return [f"{' '.join(part.words)}: {type(error).__name__} {error}"]
    return []


def settings_faults(part: Part) -> list[str]:
    """Return which settings the process does not know, misses, or would refuse."""
    kind = SETTINGS_OF[part.name]
    known = {f"{PREFIX}{name.upper()}" for name in kind.model_fields}
    given = {name for name in part.told if name.startswith(PREFIX)}
    faults = [f"{name} is no setting of {part.name}" for name in sorted(given - known)]
    try:
        load(kind, part.told)
    except Misconfigured as error:
        faults.append(str(error))
    return faults


def port_faults(part: Part) -> list[str]:
    """Return where a service would be looked for in vain; the chores listen nowhere."""
    listens = {SETTINGS_OF[part.name].model_fields["http_port"].default} if part.name in SERVICES else set()
    return [] if part.ports == listens else [f"{part.name} has {set(part.ports)}, listens on {listens}"]


def path_faults(part: Part) -> list[str]:
    """Return which health path no process answers, and whether a service is not asked at all."""
    answered = {route.path for route in Health().routes()}
    faults = [f"{part.name} does not answer {path}" for path in sorted(part.paths - answered)]
    if part.name in SERVICES and "/readyz" not in part.paths:
        faults.append(f"{part.name} is never asked whether it is ready")
    return faults
