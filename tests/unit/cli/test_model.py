import json
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from sealwatch.risk.explanation import thousandths
from sealwatch.risk.matrix import level_at
from sealwatch.risk.scale import index_of
from sealwatch.shell.policies import load_policy
from sealwatch_cli import cases
from sealwatch_cli.main import app

POLICY = load_policy()
RUNNER = CliRunner()
T2 = {
    "half_life_days": 30,
    "as_of": "2000-03-01",
    "m0": 0.1,
    "k0": 10,
    "events": [
        {"t": "2000-01-01", "y": 1, "n": 1, "q": 1},
        {"t": "2000-01-31T00:00:00Z", "y": 0, "n": 1, "q": 1},
        {"t": "2000-03-01T01:00:00+01:00", "y": 1, "n": 1, "q": 1},
    ],
}
COPY = {"factor": "COPY", "severity": 3, "probability": 0.115, "steps": [0.2, 0.01]}
MKT = {"factor": "MKT", "severity": 3, "probability": 0.4, "steps": [0.2, 0.01, 0.3]}
QUAL = {"factor": "QUAL", "severity": 2, "probability": 0.1, "steps": [0.002]}


def run(*words, given=None):
    return RUNNER.invoke(app, ["model", *words], input=given)


def lines(question, *given):
    done = run(question, "-", given="\n".join(json.dumps(one) for one in given))
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("p", "severity", "index", "level"),
    [
        (0.01, 2, 75, "high"),
        (0.0099, 2, 74.89, "high"),
        (27 / 160_000, 4, 80.68, "serious"),
        (1 / 500, 1, 7.53, "low"),
        (0.3, 1, 50, "medium"),
    ],
)
def test_vector_t1_as_options(p, severity, index, level):
    done = run("index", "--probability", repr(p), "--severity", str(severity))

    said = json.loads(done.stdout)
    assert (said["index"], said["level"]) == (pytest.approx(index, abs=0.005), level)
    assert said["x"] == pytest.approx(log10(p) + (severity if severity > 1 else 0), rel=1e-14)


def test_no_harm_has_no_order_of_magnitude():
    assert lines("index", {"probability": 0, "severity": 4}) == [{"index": 0.0, "x": None, "level": "low"}]


@given(p=st.floats(0, 1), severity=st.integers(1, 4))
def test_an_index_is_the_scorers_to_the_last_bit(p, severity):
    said = cases.index({"probability": p, "severity": severity}, POLICY)

    assert said["index"] == index_of(p, severity, POLICY.matrix)
    assert said["level"] == level_at(p, severity, POLICY.matrix).word
    assert json.loads(json.dumps(said)) == said


def test_vector_t2_as_lines():
    (said,) = lines("posterior", T2)

    assert (said["failures"], said["trials"]) == (1.25, 1.75)
    assert (said["mean"], said["p05"]) == pytest.approx((0.191489, 0.044504), abs=5e-7)
    assert (said["p50"], said["p95"]) == pytest.approx((0.173711, 0.399646), abs=5e-7)


def test_instants_are_told_as_dates_as_seconds_or_as_days():
    days = [{**event, "t": 30 * n} for n, event in enumerate(T2["events"])]
    seconds = [{**event, "t": 946_684_800 + 30 * n * 86_400.0} for n, event in enumerate(T2["events"])]

    said = lines("posterior", T2, {**T2, "as_of": 60, "events": days}, {**T2, "events": seconds})

    assert said[0] == said[1] == said[2]


def test_a_posterior_as_options():
    words = ["--half-life-days", "30", "--as-of", "60", "--m0", "0.1", "--k0", "10"]

    done = run("posterior", *words, "--event", "0,1,1", "--event", "30,0,1", "--event", "2000-03-01,1,1,1")

    assert json.loads(done.stdout) == lines("posterior", T2)[0]


def test_the_chance_that_the_rate_is_above_a_bound_is_told_where_it_is_asked_for():
    words = ["--half-life-days", "30", "--as-of", "60", "--m0", "0.5", "--k0", "2"]

    (said,) = map(json.loads, run("posterior", *words, "--above", "0.25", "--above", "1").stdout.splitlines())

    assert said["above"] == {"0.25": 0.75, "1.0": 0.0}  # nothing seen: Beta(1, 1), the even distribution


def test_events_later_than_the_instant_are_not_counted():
    later = [*T2["events"], {"t": "2000-03-01T00:00:01Z", "y": 5, "n": 5, "q": 1}]

    assert lines("posterior", {**T2, "events": later}) == lines("posterior", T2)


def test_quality_weighs_a_trial():
    half = [{"t": "2000-03-01", "y": 1, "n": 2, "q": 0.5}]

    (said,) = lines("posterior", {**T2, "events": half})

    assert (said["failures"], said["trials"]) == (0.5, 1.0)


def test_without_events_there_is_the_prior():
    (said,) = lines("posterior", {**T2, "events": []})

    assert (said["failures"], said["trials"], said["mean"]) == (0.0, 0.0, 0.1)


def test_vector_t5_of_the_beta_case():
    seen = [{"t": 0, "y": 3, "n": 100, "q": 1}]

    (said,) = lines("posterior", {"half_life_days": 1, "as_of": 0, "m0": 0.5, "k0": 1, "events": seen})

    assert (said["mean"], said["p05"], said["p95"]) == pytest.approx((0.034653, 0.010915, 0.068757), abs=5e-7)


def test_vector_t5_of_the_gamma_case():
    few, more = lines(
        "posterior",
        {"m0": 0.1, "k0": 5, "failures": 0, "exposure": 0},
        {"m0": 1, "k0": 1, "failures": 13, "exposure": 4},
    )
    by_options = run("posterior", "--m0", "1", "--k0", "1", "--failures", "13", "--exposure", "4")

    assert few["p95"] == pytest.approx(0.38414588, abs=5e-9)
    assert (more["mean"], more["p05"], more["p95"]) == pytest.approx((2.8, 1.6927875, 4.13371382), abs=5e-8)
    assert json.loads(by_options.stdout) == more


def test_an_incident_within_the_horizon_is_told_beside_the_rate():
    (said,) = lines("posterior", {"m0": 0.001, "k0": 300, "failures": 0, "exposure": 60})

    assert said["horizon_days"] == 30
    assert said["probability_in_horizon"]["mean"] == pytest.approx(1 - (360 / 390) ** 0.3)


def test_factors_combine_and_share_the_index():
    (said,) = lines("combine", {"factors": [COPY, MKT]})

    p = 1 - (1 - 0.115 * 0.002) * (1 - 0.4 * 0.0006)
    assert said["index"] == pytest.approx(25 * (6 + log10(p)), rel=1e-12)
    assert (said["level"], said["main_factor"]) == ("high", "MKT")
    assert sum(said["shares"].values()) == said["index_thousandths"] == thousandths(said["index"])
    assert said["shares"]["MKT"] > said["shares"]["COPY"] > 0


def test_the_gravest_severity_sets_the_index_and_all_are_told():
    (said,) = lines("combine", {"factors": [COPY, QUAL]})

    assert list(said["severities"]) == ["2", "3"]
    assert said["severities"]["3"]["index"] == said["index"]
    assert said["severities"]["2"]["level"] == "medium"
    assert list(said["shares"]) == ["COPY"]


def test_a_combination_as_options():
    done = run("combine", "--factor", "COPY,3,0.115,0.2,0.01", "--factor", "QUAL,2,0.1,0.002")

    assert json.loads(done.stdout) == lines("combine", {"factors": [COPY, QUAL]})[0]


def test_the_matrix_names_its_source():
    said = json.loads(run("matrix").stdout)

    assert "2019/417" in said["source"]
    assert said["rows"][3] == {
        "probability_above": 0.001,
        "levels": {"1": "low", "2": "high", "3": "serious", "4": "serious"},
    }
    assert said["rows"][-1]["probability_above"] is None


def test_lines_come_from_a_file_too(tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"probability": 1, "severity": 1}\n\n{"probability": 0, "severity": 1}\n')

    done = run("index", str(file))

    assert [json.loads(line)["index"] for line in done.stdout.splitlines()] == [75.0, 0.0]


@pytest.mark.parametrize(
    ("question", "line", "reason"),
    [
        ("index", '{"probability": 1.1, "severity": 2}', "probability"),
        ("index", '{"probability": -0.1, "severity": 2}', "probability"),
        ("index", '{"probability": NaN, "severity": 2}', "non_finite"),
        ("index", '{"probability": "0.1", "severity": 2}', "probability"),
        ("index", '{"probability": 0.1, "severity": 0}', "severity"),
        ("index", '{"probability": 0.1, "severity": 5}', "no column"),
        ("index", '{"probability": 0.1, "severity": 2.5}', "severity"),
        ("index", '{"probability": 0.1}', "severity"),
        ("index", '{"probability": 0.1, "severity": 2, "other": 1}', "other"),
        ("index", '{"probability": 0.1, "probability": 0.2, "severity": 2}', "duplicate_key"),
        ("index", '{"probability": 1e-400, "severity": 2}', "number_too_near_to_zero"),
        (
            "combine",
            json.dumps({"factors": [COPY]}).replace("0.115", "0.0000009e-320"),
            "number_too_near_to_zero",
        ),
        ("index", "[]", "the case"),
        ("index", "not json", "malformed_json"),
        ("posterior", json.dumps({**T2, "half_life_days": 0.5}), "half_life_days"),
        ("posterior", json.dumps({**T2, "half_life_days": 1e9}), "half_life_days"),
        ("posterior", json.dumps({**T2, "events": [{"t": 0, "y": 1, "n": 1e300}]}), "events.0.n"),
        ("posterior", json.dumps({**T2, "m0": 1.5}), "m0"),
        ("posterior", json.dumps({**T2, "above": [1.5]}), "above.0"),
        ("posterior", json.dumps({**T2, "k0": -1}), "k0"),
        ("posterior", json.dumps({**T2, "k0": 0, "events": []}), "no distribution"),
        ("posterior", json.dumps({**T2, "as_of": "yesterday"}), "as_of"),
        ("posterior", json.dumps({**T2, "as_of": "1999-12-31"}), "as_of"),
        ("posterior", json.dumps({**T2, "as_of": 1e15}), "as_of"),
        ("posterior", json.dumps({**T2, "events": [{"t": 0, "y": 2, "n": 1}]}), "events.0"),
        ("posterior", json.dumps({**T2, "events": [{"t": 0, "y": 1, "n": 1, "q": 2}]}), "events.0.q"),
        ("posterior", json.dumps({**T2, "events": [{"t": -1, "y": 1, "n": 1}]}), "events.0.t"),
        ("posterior", '{"m0": 0, "k0": 0, "failures": 1, "exposure": 0}', "no distribution"),
        (
            "posterior",
            '{"m0": 1e-300, "k0": 1e-10, "failures": 0, "exposure": 0}',
            "m0 x k0 + failures is 1e-310",
        ),
        ("posterior", '{"m0": 1, "k0": 1e-300, "failures": 9, "exposure": 0}', "k0 + exposure is 1e-300"),
        ("posterior", json.dumps({**T2, "m0": 1e-200, "events": []}), "m0 x k0 + failures is"),
        ("posterior", '{"m0": 1, "k0": 1, "failures": -1, "exposure": 0}', "failures"),
        ("posterior", '{"m0": 1, "k0": 1, "failures": 1}', "exposure"),
        ("combine", '{"factors": []}', "factors"),
        ("combine", json.dumps({"factors": [{**COPY, "steps": [1.5]}]}), "steps"),
        ("combine", json.dumps({"factors": [{**COPY, "severity": 9}]}), "no column"),
    ],
)
def test_impossible_input_is_refused_with_its_line_and_the_reason(question, line, reason):
    good = {"index": {"probability": 0, "severity": 1}, "posterior": T2, "combine": {"factors": [COPY]}}

    done = run(question, "-", given=json.dumps(good[question]) + "\n" + line)

    assert done.exit_code == 2
    assert len(done.stdout.splitlines()) == 1
    assert "line 2: " in done.stderr
    assert reason in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["index"],
        ["index", "-", "--severity", "2"],
        ["index", "--severity", "2"],
        ["index", "--severity", "two", "--probability", "0.1"],
        ["index", "--severity", "2", "--probability", "nan"],
        ["index", "--severity", "2", "--probability", "1e-400"],
        ["index", "no-such-file"],
        ["index", "--severity", "2", "--probability", "1", "--policy", "no-such-policy"],
        ["posterior", "--m0", "0.1", "--k0", "1"],
        ["posterior", "--event", "1,2"],
        ["posterior", "--event", "2000-03-01,x,2"],
        ["posterior", "--m0", "1e-400", "--k0", "1", "--failures", "1", "--exposure", "1"],
        ["combine", "--factor", "COPY,3,1e-400"],
        ["combine"],
        ["combine", "--factor", "COPY,3"],
        ["combine", "--factor", "COPY,three,0.1"],
        ["matrix", "--policy", "no-such-policy"],
    ],
)
def test_options_that_make_no_case_end_with_code_2_and_a_word(words):
    done = run(*words)

    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr) > 10


@pytest.mark.parametrize("question", ["index", "posterior", "combine"])
@pytest.mark.parametrize("nothing", ["", "\n \n"])
def test_input_without_a_case_ends_with_code_2_and_says_so(question, nothing):
    done = run(question, "-", given=nothing)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "holds no case" in done.stderr


@pytest.mark.parametrize("zero", ["0", "0.0", "0e-400", "-0.000e9"])
def test_a_zero_however_it_is_written_is_no_number_that_was_lost(zero):
    [said] = lines_of(run("index", "-", given=f'{{"probability": {zero}, "severity": 2}}'))
    option = run("index", "--severity", "2", f"--probability={zero}")

    assert said["index"] == 0
    assert lines_of(option) == [said]


def lines_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_help_of_the_calculator_says_what_is_rounded():
    words = " ".join(run("posterior", "--help").stdout.split())

    assert "rounded to millionths and half-lives to seconds" in words


def test_factors_that_harm_nobody_have_a_probability_of_0_and_not_of_minus_0():
    never = {**COPY, "probability": 0.0}

    done = run("combine", "-", given=json.dumps({"factors": [never, {**never, "factor": "QUAL"}]}))

    assert '"probability": 0.0' in done.stdout
    assert "-0.0" not in done.stdout
