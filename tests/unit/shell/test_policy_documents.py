import json
from copy import deepcopy
from datetime import date

import pytest

from sealwatch.shell.policies import DEFAULT
from sealwatch.shell.policy_documents import (
    Unproven,
    Unreadable,
    digest_of,
    load_version,
    numbers_of,
    version_in,
    version_of,
)

DOCUMENT = load_version().document
OF_FOOD = {"category": "food", "factor": "COPY", "mean": 0.1, "trials": 1.0}


def changed(**parts):
    return {**deepcopy(DOCUMENT), **parts}


def with_matrix(bounds, rows):
    """Return the shipped policy with a matrix of another size."""
    return changed(matrix={**DOCUMENT["matrix"], "indexed": False, "bounds": bounds, "rows": rows})


def with_steps(place, **steps):
    """Return the shipped policy with other steps in one scenario."""
    scenarios = deepcopy(DOCUMENT["scenarios"])
    scenarios[place]["steps"] = steps
    return changed(scenarios=scenarios)


def faults_of(document):
    with pytest.raises(Unproven) as refused:
        version_in(document)
    return [fault.path for fault in refused.value.faults]


LABORATORY, FIELD = DOCUMENT["scenarios"]
SEVENTH = {"7": {"mean": 0.1, "trials": 1.0}}
TWO = with_matrix([0.01], [["medium", "high", "high", "high"], ["low", "low", "low", "medium"]])
NARROW = with_matrix([0.01], [["medium", "high"], ["low", "low"]])
FLAT = with_matrix([], [["low", "medium", "high", "serious"]])
FIVE = with_matrix(
    [0.1, 0.01, 0.001, 0.0001, 0.00001],
    [
        ["high", "serious", "serious", "serious", "serious"],
        ["medium", "high", "serious", "serious", "serious"],
        ["low", "medium", "high", "serious", "serious"],
        ["low", "low", "medium", "high", "serious"],
        ["low", "low", "low", "medium", "high"],
        ["low", "low", "low", "low", "medium"],
    ],
)


@pytest.mark.parametrize(("document", "shape"), [(TWO, (2, 4)), (FIVE, (6, 5)), (FLAT, (1, 4))])
def test_a_matrix_of_any_size_goes_through_the_same_proof(document, shape):
    rows = version_in(document).policy.matrix.rows

    assert (len(rows), len(rows[0])) == shape


@pytest.mark.parametrize(
    ("document", "harm", "path"),
    [
        (TWO, lambda matrix: matrix["rows"].pop(), "/matrix/rows"),
        (FIVE, lambda matrix: matrix["rows"][1].pop(), "/matrix/rows/1"),
        (TWO, lambda matrix: matrix["rows"][0].reverse(), "/matrix/rows/0/3"),
        (FIVE, lambda matrix: matrix["rows"][-1].__setitem__(0, "serious"), "/matrix/rows/5/0"),
        (TWO, lambda matrix: matrix["bounds"].__setitem__(0, 1.0), "/matrix/bounds/0"),
        (FIVE, lambda matrix: matrix["bounds"].__setitem__(2, 0.01), "/matrix/bounds/2"),
        (FIVE, lambda matrix: matrix["bounds"].__setitem__(-1, 0.0), "/matrix/bounds/4"),
    ],
    ids=["row missing", "cell missing", "falls right", "rises below", "starts at 1", "level", "ends at 0"],
)
def test_a_broken_matrix_is_refused_at_the_cell(document, harm, path):
    broken = deepcopy(document)
    harm(broken["matrix"])

    assert path in faults_of(broken)


@pytest.mark.parametrize(
    ("part", "value", "paths"),
    [
        ("quality", {"accredited": 2.0}, {"/quality/accredited", "/quality/out_of_calibration"}),
        ("colour", "red", {"/colour"}),
        ("coping", {}, {"/coping/high", "/coping/not_assessed", "/coping/serious"}),
        ("scenarios", DOCUMENT["scenarios"][:1], {"/scenarios"}),
        ("goods", {"unknown_severity": 9, "severities": {}}, {"/goods/unknown_severity"}),
        ("goods", {"unknown_severity": 3, "severities": {"a/b": 5}}, {"/goods/severities/a~1b"}),
        ("matrix", NARROW["matrix"], {"/matrix/rows"}),
        ("scenarios", with_steps(1, use=1e-200, harm=1e-200)["scenarios"], {"/scenarios/1/steps"}),
        ("scenarios", with_steps(0, use=1e-160, harm=1e-160)["scenarios"], {"/scenarios/0/steps"}),
        ("scenarios", with_steps(0, use=0.5, harm=0.0)["scenarios"], {"/scenarios/0/steps/harm"}),
        ("scenarios", [{**LABORATORY, "severity": 5}, FIELD], {"/scenarios/0/severity"}),
        ("priors", {**DOCUMENT["priors"], "by_severity": SEVENTH}, {"/priors/by_severity/7"}),
        ("priors", {**DOCUMENT["priors"], "usual": {"mean": 1e-300, "trials": 1e-300}}, {"/priors"}),
        ("incidents", {**DOCUMENT["incidents"], "usual": {"mean": 1e-300, "days": 1e-300}}, {"/incidents"}),
        ("levels", {**DOCUMENT["levels"], "fall_below": 0.9}, {"/levels/fall_below"}),
        ("levels", {**DOCUMENT["levels"], "serious_corroborated": 0.7}, {"/levels/serious_corroborated"}),
        ("levels", {**DOCUMENT["levels"], "fall_after_days": 0}, {"/levels"}),
        ("priors", {**DOCUMENT["priors"], "usual": {"mean": 0.0, "trials": 1.0}}, {"/priors"}),
        ("priors", {**DOCUMENT["priors"], "by_category": [OF_FOOD] * 2}, {"/priors/by_category"}),
        ("sources", {"web": {"weight": 1.5}}, {"/sources/web/weight"}),
        ("factors", {"COPY": {"name": "x", "half_life_days": 0}}, {"/factors/COPY/half_life_days"}),
        ("factors", {"COPY": {"name": "x", "half_life_days": 9}}, {"/factors/ADAP", "/factors/XFER"}),
    ],
)  # fmt: skip
def test_every_fault_of_a_document_is_told_with_its_path(part, value, paths):
    assert paths <= set(faults_of(changed(**{part: value})))


def test_all_faults_of_the_proof_are_told_at_once():
    broken = changed(coping={}, goods={"unknown_severity": 9, "severities": {}})

    assert {"/goods/unknown_severity", "/coping/low"} <= set(faults_of(broken))


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b'{"version": "1", "version": "2"}'])
def test_what_is_no_strict_json_is_unreadable_and_not_merely_wrong(raw):
    with pytest.raises(Unreadable):
        version_of(raw)


def test_a_file_that_is_not_there_is_unreadable(tmp_path):
    with pytest.raises(Unreadable, match=r"absent\.json"):
        load_version(tmp_path / "absent.json")


def test_the_digest_does_not_depend_on_how_a_document_is_written():
    raw = DEFAULT.read_text()
    respelt = json.dumps(json.loads(raw.replace('"trials": 10.0', '"trials": 1e1')), indent=7, sort_keys=True)

    assert version_of(respelt.encode()).digest == version_of(raw.encode()).digest
    assert digest_of(changed(author="somebody else")) != digest_of(DOCUMENT)


def test_every_number_of_the_shipped_policy_is_ours_but_the_bounds_of_its_matrix():
    foreign = {number.path for number in numbers_of(DOCUMENT) if not number.ours}

    assert foreign == {f"/matrix/bounds/{place}" for place in range(7)}


def test_a_number_has_the_nearest_source_above_it():
    own = {
        **deepcopy(DOCUMENT["scenarios"][0]),
        "author": "Centre",
        "dated": date(2026, 5, 1),
        "shipped": False,
    }
    document = changed(source="Order 12", scenarios=[own])

    found = {number.path: (number.source, number.ours) for number in numbers_of(document)}

    assert found["/scenarios/0/steps/harm given use"] == ("Centre, 2026-05-01", False)
    assert found["/quality/accredited"] == ("Order 12", False)
    assert found["/priors/usual/mean"] == ("ours", True)
