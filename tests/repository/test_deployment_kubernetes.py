"""The manifests: valid by the Kubernetes schemas, restricted, complete, and in step with the code."""

import copy
import tomllib

import kubernetes_validate
import pytest
import yaml

from sealwatch.shell.addresses import CLOSED_V4, CLOSED_V6, OPEN_V6, PORTS
from sealwatch.shell.settings import ProcessSettings
from tests.repository.deployed import BASE, ROOT, SERVICES, WORKLOADS, manifests, of_kind

KUBERNETES = "1.33"
RESERVE_SECONDS = 5  # a process is gone this long before it would be killed
DOCUMENTS = manifests()
RUNNING = of_kind(DOCUMENTS, *WORKLOADS)
KEPT = of_kind(DOCUMENTS, "Deployment", "StatefulSet")
POLICIES = {one["metadata"]["name"]: one["spec"] for one in of_kind(DOCUMENTS, "NetworkPolicy")}
KUSTOMIZATION = yaml.safe_load((BASE / "kustomization.yaml").read_text())


def title(document):
    return f"{document['kind']}-{document['metadata']['name']}"


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def loose(pod):
    """Return which rules of the restricted level, and of ours above it, a pod breaks."""
    container, rights = pod["containers"][0], pod["containers"][0].get("securityContext", {})
    context, sizes = pod.get("securityContext", {}), container.get("resources", {})
    bound = {
        "one container": len(pod["containers"]) == 1 and "initContainers" not in pod,
        "token": pod.get("automountServiceAccountToken") is False,
        "links": pod.get("enableServiceLinks") is False,
        "host": not {"hostNetwork", "hostPID", "hostIPC", "volumes"} & pod.keys(),
        "root": context.get("runAsNonRoot") is True and context.get("runAsUser", 0) > 0,
        "seccomp": context.get("seccompProfile") == {"type": "RuntimeDefault"},
        "escalation": rights.get("allowPrivilegeEscalation") is False,
        "read-only": rights.get("readOnlyRootFilesystem") is True,
        "capabilities": rights.get("capabilities") == {"drop": ["ALL"]},
        "sizes": all({"cpu", "memory"} == sizes.get(one, {}).keys() for one in ("requests", "limits")),
    }
    return {name for name, holds in bound.items() if not holds}


def spoilt(*path, value):
    """Return the scorer's pod with one value changed."""
    pod = copy.deepcopy(pod_of(next(one for one in KEPT if one["metadata"]["name"] == "scorer")))
    place = pod
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return pod


@pytest.mark.parametrize("document", DOCUMENTS, ids=title)
def test_a_manifest_is_valid_by_the_schemas(document):
    assert kubernetes_validate.validate(document, KUBERNETES, strict=True).startswith(KUBERNETES)


@pytest.mark.parametrize("spelling", [{"replica": 2}, {"replicas": "two"}])
def test_a_misspelt_manifest_is_found(spelling):
    document = copy.deepcopy(KEPT[0])
    document["spec"] |= spelling

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_the_kustomization_lists_exactly_the_files_of_the_folder():
    there = {path.name for path in BASE.iterdir()} - {"kustomization.yaml"}

    assert sorted(KUSTOMIZATION["resources"]) == sorted(there)


def test_the_image_is_named_once_and_of_this_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert {pod_of(workload)["containers"][0]["image"] for workload in RUNNING} == {"sealwatch"}
    assert KUSTOMIZATION["images"] == [{"name": "sealwatch", "newTag": project["version"]}]


def test_the_namespace_admits_restricted_pods_only():
    labels = of_kind(DOCUMENTS, "Namespace")[0]["metadata"]["labels"]

    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert KUSTOMIZATION["namespace"] == "sealwatch"


@pytest.mark.parametrize("workload", RUNNING, ids=title)
def test_a_pod_is_restricted(workload):
    assert loose(pod_of(workload)) == set()


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (("automountServiceAccountToken",), True, "token"),
        (("enableServiceLinks",), True, "links"),
        (("hostNetwork",), True, "host"),
        (("initContainers",), [{}], "one container"),
        (("securityContext", "runAsUser"), 0, "root"),
        (("securityContext", "runAsNonRoot"), False, "root"),
        (("securityContext", "seccompProfile"), {"type": "Unconfined"}, "seccomp"),
        (("containers", 0, "securityContext", "allowPrivilegeEscalation"), True, "escalation"),
        (("containers", 0, "securityContext", "readOnlyRootFilesystem"), False, "read-only"),
        (("containers", 0, "securityContext", "capabilities"), {"drop": ["NET_RAW"]}, "capabilities"),
        (("containers", 0, "resources", "limits"), {"cpu": "1"}, "sizes"),
    ],
)
def test_a_pod_that_may_more_is_found(path, value, rule):
    assert loose(spoilt(*path, value=value)) == {rule}


@pytest.mark.parametrize("workload", KEPT, ids=title)
def test_life_is_asked_of_the_process_alone_and_traffic_waits_until_it_is_ready(workload):
    container = pod_of(workload)["containers"][0]
    probes = {name: one["httpGet"] for name, one in container.items() if name.endswith("Probe")}

    assert probes == {
        "startupProbe": {"path": "/livez", "port": "http"},
        "livenessProbe": {"path": "/livez", "port": "http"},
        "readinessProbe": {"path": "/readyz", "port": "http"},
    }


@pytest.mark.parametrize("workload", KEPT, ids=title)
def test_a_drain_ends_before_the_grace_does(workload):
    pod = pod_of(workload)
    pause = pod["containers"][0].get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    drain = ProcessSettings.model_fields["drain_seconds"].default

    assert pod["terminationGracePeriodSeconds"] >= pause + drain + RESERVE_SECONDS


@pytest.mark.parametrize("name", ["scorer", "alerts"])
def test_members_of_a_group_keep_their_names(name):
    workload = next(one for one in KEPT if one["metadata"]["name"] == name)
    told = {entry["name"]: entry for entry in pod_of(workload)["containers"][0]["env"]}

    assert workload["kind"] == "StatefulSet"
    assert told["SEALWATCH_INSTANCE"]["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


@pytest.mark.parametrize("workload", KEPT, ids=title)
def test_a_service_is_found_by_its_name_and_never_evicted_whole(workload):
    name, chosen = workload["metadata"]["name"], workload["spec"]["selector"]["matchLabels"]
    service = next(one for one in of_kind(DOCUMENTS, "Service") if one["metadata"]["name"] == name)
    budget = next(one for one in of_kind(DOCUMENTS, "PodDisruptionBudget") if one["metadata"]["name"] == name)
    port = pod_of(workload)["containers"][0]["ports"][0]

    assert workload["spec"]["replicas"] == 2
    assert chosen.items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    assert service["spec"]["selector"] == chosen
    assert service["spec"]["ports"] == [
        {"name": "http", "port": port["containerPort"], "targetPort": port["name"]}
    ]
    assert budget["spec"] == {"maxUnavailable": 1, "selector": {"matchLabels": chosen}}


@pytest.mark.parametrize("document", DOCUMENTS, ids=title)
def test_what_goes_before_the_services_can_be_told_from_them(document):
    labels = document["metadata"].get("labels", {})
    is_part_of_one = document["kind"] in {"Deployment", "StatefulSet", "Service", "PodDisruptionBudget"}

    assert (labels.get("app.kubernetes.io/component") == "service") == is_part_of_one


def test_no_secret_is_in_the_repository_and_each_key_of_it_is_in_the_guide():
    guide = (ROOT / "docs" / "deployment.md").read_text()
    entries = [entry for one in RUNNING for entry in pod_of(one)["containers"][0].get("env", ())]
    asked = [entry["valueFrom"]["secretKeyRef"] for entry in entries if "secretKeyRef" in entry["valueFrom"]]

    assert of_kind(DOCUMENTS, "Secret") == []
    assert {one["name"] for one in asked} == {"sealwatch"}
    assert {one["key"] for one in asked if f"--from-literal={one['key']}=" not in guide} == set()
    assert len(asked) == 10


def test_nothing_is_open_by_default():
    assert POLICIES["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert POLICIES["names"]["podSelector"] == {}


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("doors", {"ingest", "api"}),
        ("scrape", {"scorer", "alerts"}),
        ("kafka", {*SERVICES, "topics"}),
        ("database", {"scorer", "alerts", "api", "migrate"}),
        ("mail", {"alerts"}),
    ],
)
def test_an_opening_is_for_those_who_need_it(name, who):
    chosen = POLICIES[name]["podSelector"]["matchExpressions"][0]

    assert chosen["key"] == "app.kubernetes.io/name"
    assert set(chosen["values"]) == who


def test_webhooks_leave_for_the_addresses_and_ports_that_the_code_allows():
    opening = POLICIES["webhooks"]["egress"][0]
    old, new = (place["ipBlock"] for place in opening["to"])

    assert POLICIES["webhooks"]["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "alerts"}
    assert (old["cidr"], old["except"]) == ("0.0.0.0/0", list(map(str, CLOSED_V4)))
    assert (new["cidr"], new["except"]) == (str(OPEN_V6), list(map(str, CLOSED_V6)))
    assert {port["port"] for port in opening["ports"]} == PORTS
