import json
from copy import deepcopy

import pytest
from typer.testing import CliRunner

from sealwatch.shell.policies import DEFAULT
from sealwatch.shell.policy_documents import load_version
from sealwatch_cli.main import app

DOCUMENT = load_version().document


def run(*words):
    return CliRunner().invoke(app, ["policy", *map(str, words)])


@pytest.fixture
def written(tmp_path):
    """Return a function that writes the shipped policy with other parts into a file."""

    def write(**parts):
        path = tmp_path / f"policy-{len(list(tmp_path.iterdir()))}.json"
        path.write_text(json.dumps(deepcopy(dict(DOCUMENT)) | parts))
        return path

    return write


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_proven_document_passes(more):
    found = run("check", DEFAULT, *more)

    assert (found.exit_code, load_version().digest in found.stdout) == (0, True)


def test_every_fault_of_a_bad_policy_is_told_with_its_path_and_exit_code_1(written):
    levels = {**DOCUMENT["levels"], "fall_below": 0.9}

    found = run("check", written(levels=levels, coping={}))

    lines = found.stdout.splitlines()
    assert found.exit_code == 1
    assert [line.split(":")[0] for line in lines].count("/levels/fall_below") == 1
    assert {"/coping/high", "/coping/low"} <= {line.split(":")[0] for line in lines}


@pytest.mark.parametrize(
    ("side", "path"),
    [
        ({"weight": 1.0, "targeted_of": "no such class"}, "/sources/side/targeted_of"),
        ({"weight": 1.0, "targeted_of": "enforcement"}, "/sources/side/targeted_of"),
        ({"weight": 1.0, "targeted_of": "monitoring_point", "planned": True}, "/sources/side/targeted_of"),
        ({"weight": 1.0, "targeted_of": "monitoring_point", "opinion": True}, "/sources/side/opinion"),
        ({"targeted_of": "monitoring_point"}, "/sources/side/weight"),
    ],
)
def test_a_targeted_side_that_cannot_be_one_is_told_with_its_path(written, side, path):
    found = run("check", written(sources={**DOCUMENT["sources"], "side": side}), "--json")

    assert [fault["path"] for fault in json.loads(found.stdout)["faults"]] == [path]
    assert found.exit_code == 1


def test_only_one_side_of_a_planned_class_is_proven(written):
    side = {"weight": 1.0, "targeted_of": "monitoring_point"}

    one = run("check", written(sources={**DOCUMENT["sources"], "side": side}))
    two = run("check", written(sources={**DOCUMENT["sources"], "side": side, "other": side}))

    assert (one.exit_code, two.exit_code) == (0, 1)
    assert two.stdout.startswith("/sources/side/targeted_of: a planned class has one targeted side")


def test_the_sides_of_planned_classes_are_shown():
    lines = run("show").stdout.splitlines()

    assert (
        "sampled by a plan: local_spot_check; in other modes than daily: local_spot_check_targeted" in lines
    )
    assert "sampled by a plan: monitoring_point; in every mode" in lines


def test_faults_are_told_to_machines_too(written):
    found = run("check", written(colour="red"), "--json")

    said = json.loads(found.stdout)
    assert (found.exit_code, said["proven"], said["faults"][0]["path"]) == (1, False, "/colour")


@pytest.mark.parametrize("text", [None, "", "{", '{"a": 1, "a": 2}'])
def test_what_cannot_be_read_ends_with_exit_code_2(tmp_path, text):
    path = tmp_path / "policy.json"
    if text is not None:
        path.write_text(text)

    assert run("check", path).exit_code == 2


@pytest.mark.parametrize("words", [("show",), ("show", "--default"), ("show", "default"), ("show", DEFAULT)])
def test_the_shipped_policy_says_which_numbers_are_ours(words):
    found = run(*words)

    marked = {line.split("  ")[0]: " ours  " in line for line in found.stdout.splitlines() if line[:1] == "/"}
    assert marked["/priors/usual/mean"]
    assert [path for path, ours in marked.items() if not ours] == [f"/matrix/bounds/{n}" for n in range(7)]
    assert "confirmed by nobody" in found.stdout


def test_every_number_is_shown_with_its_source(written):
    found = run("show", written(source="Order 12 of the centre"), "--json")

    numbers = {one["path"]: one for one in json.loads(found.stdout)["numbers"]}
    assert numbers["/quality/accredited"]["source"] == "Order 12 of the centre"
    assert "2019/417" in numbers["/matrix/bounds/0"]["source"]


def test_a_difference_is_told_by_path_with_what_it_takes(written):
    sources = {**DOCUMENT["sources"], "web": {"weight": 0.2, "opinion": True}}
    quality = {**DOCUMENT["quality"], "unaccredited": 0.4}

    found = run("diff", "default", written(version="2", sources=sources, quality=quality))

    assert found.stdout.splitlines() == [
        '/version: "2026.2" -> "2"  [read only]',
        "/sources/web/weight: 0.1 -> 0.2  [at the sweep before its first day]",
        "/quality/unaccredited: 0.5 -> 0.4  [score anew, then switch]",
        "not adopted: /quality/unaccredited changes only by scoring anew and switching",
    ]


def test_differences_are_told_to_machines_too(written):
    found = run("diff", "default", written(version="2"), "--json")

    said = json.loads(found.stdout)
    assert (said["adoptable"], said["differences"][0]["effect"]) == (True, "text")


def test_equal_documents_are_said_to_be_the_same():
    assert run("diff", "default", DEFAULT).stdout == "the documents are the same\n"


def test_a_number_is_shown_to_its_last_digit(written):
    priors = {**DOCUMENT["priors"], "usual": {"mean": 0.0312345678, "trials": 1234567.25}}
    bounds = [0.5, 0.1, 0.01, 0.001, 0.0001, 0.0000123456789, 0.000001]

    found = run("show", written(priors=priors, matrix={**DOCUMENT["matrix"], "bounds": bounds})).stdout

    assert "/priors/usual/mean  " in found
    assert (" 0.0312345678 " in found, " 1234567.25 " in found) == (True, True)
    assert "> 1.23456789e-05" in found


def test_showing_a_version_and_the_shipped_one_at_once_is_refused():
    assert run("show", DEFAULT, "--default").exit_code == 2


def test_a_version_without_a_registry_to_ask_is_told_to_be_neither():
    found = CliRunner(env={"SEALWATCH_DATABASE_URL": None}).invoke(app, ["policy", "show", "2027.9"])

    assert found.exit_code == 2
    assert "2027.9 is no file, and without its settings no registry can be asked" in found.stderr
    assert "SEALWATCH_DATABASE_URL" in found.stderr
