import json

import pytest

from sealwatch.errors import Misconfigured
from sealwatch.risk.catalogue import FACTORS, SOURCE_CLASSES
from sealwatch.risk.policy import Level
from sealwatch.shell.policies import DEFAULT, FOLDER, PolicyDocument, load_policy, policy_of
from sealwatch.shell.policy_documents import version_of

DAY = 86_400


def test_the_shipped_document_is_loaded_and_proven():
    policy = load_policy()

    assert policy.version == "2026.2"
    assert policy.half_lives.keys() == FACTORS
    assert policy.sent_classes == SOURCE_CLASSES
    assert policy.opinion_classes == {"user_report", "code_scan", "web"}


@pytest.mark.parametrize(
    ("factor", "days"),
    [("STAB", 180), ("XFER", 90), ("MKT", 30), ("OPIN", 7), ("INTG", 365)],
)
def test_half_lives_are_whole_seconds(factor, days):
    assert load_policy().half_lives[factor] == days * DAY


@pytest.mark.parametrize(
    ("factor", "probability"), [("COPY", 0.002), ("QUAL", 0.002), ("MKT", 0.0006), ("OPIN", 0.0006)]
)
def test_shipped_steps_multiply(factor, probability):
    scenario = load_policy().scenario(factor, "food")

    assert scenario.probability == pytest.approx(probability)
    assert scenario.shipped


def test_every_level_has_a_coping_strategy():
    coping = load_policy().coping

    assert coping.keys() == set(Level)
    assert "report to the General Administration" in coping[Level.SERIOUS].actions


def test_the_matrix_waits_for_a_person_to_confirm_it():
    matrix = load_policy().matrix

    assert matrix.confirmed_by == ""
    assert "2019/417" in matrix.source


def test_the_schema_beside_the_document_is_the_one_that_is_applied():
    written = json.loads((FOLDER / "schema.json").read_text())

    assert written == PolicyDocument.model_json_schema()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"version": "2026.2"', '"version": "2026.2", "colour": "red"', "colour"),
        ('"version": "2026.2"', '"version": "2026.2", "version": "2026.2"', "duplicate"),
        ('"version": "2026.2"', '"version": 2026', "version"),
        ('"fall_after_days": 14', '"fall_after_days": "14"', "fall_after_days"),
        ('"trials": 10.0', '"trials": NaN', "policy document"),
        ('"web": {"weight": 0.1', '"web": {"weight": 1.1', "weight"),
        ('"web": {', '"web2": {', "no weight for web"),
        ('"half_life_days": 7}', '"half_life_days": 0}', "half_life_days"),
    ],
)
def test_a_document_that_is_not_strict_is_refused_with_the_reason(old, new, reason):
    raw = DEFAULT.read_text().replace(old, new, 1).encode()

    with pytest.raises(Misconfigured, match=reason):
        policy_of(raw)


def test_two_priors_for_one_factor_of_one_category_are_refused():
    prior = '{"category": "food", "factor": "COPY", "mean": 0.1, "trials": 5.0}'
    raw = DEFAULT.read_text().replace('"by_category": []', f'"by_category": [{prior}, {prior}]', 1)

    with pytest.raises(Misconfigured, match="two priors"):
        policy_of(raw.encode())


def test_a_document_that_is_not_there_is_refused_by_its_name(tmp_path):
    with pytest.raises(Misconfigured, match=r"absent\.json"):
        load_policy(tmp_path / "absent.json")


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "...", "a/b", "a b", "2026.2\n", "\n2026.2", "a\x00", "v" * 65, "v" * 5_000, "\u00e4"],
)
def test_a_version_that_no_path_could_name_is_refused(name):
    raw = json.dumps(json.loads(DEFAULT.read_text()) | {"version": name}).encode()

    with pytest.raises(Misconfigured, match="version"):
        policy_of(raw)


@pytest.mark.parametrize("name", ["2026.1", ".hidden", "..a", "a..", "-", "_", "v" * 64])
def test_a_version_is_a_word_with_more_than_dots(name):
    raw = json.dumps(json.loads(DEFAULT.read_text()) | {"version": name}).encode()

    assert policy_of(raw).version == name


def test_blanks_confirm_no_matrix():
    raw = DEFAULT.read_text().replace('"confirmed_by": ""', '"confirmed_by": "   "', 1).encode()

    assert policy_of(raw).matrix.confirmed_by == ""
    assert version_of(raw).document["matrix"]["confirmed_by"] == ""
