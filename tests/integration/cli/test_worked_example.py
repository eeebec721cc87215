"""The commands of docs/risk-model.md, run as a reviewer runs them, answer what the document says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOLD = (ROOT / "docs" / "risk-model.md").read_text()
SCRIPT = re.search(r"### Follow each number\n.*?```sh\n(.*?)```", TOLD, re.DOTALL)[1]
ANSWERS = re.findall(r"^# (\{.*\n(?:#  .*\n)*)", SCRIPT, re.MULTILINE)
EXPECTED = [json.loads(text.replace("\n#", "\n")) for text in ANSWERS]


@pytest.fixture(scope="module")
def answers():
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-euc", SCRIPT]
    done = subprocess.run(  # noqa: S603  # the document's own commands
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def part_of(answer, expected):
    """Return what an answer says of what is expected, in the same shape."""
    if isinstance(expected, dict):
        return {name: part_of(answer[name], part) for name, part in expected.items()}
    return answer


def flat(said, path=""):
    if isinstance(said, dict):
        return {key: one for name, part in said.items() for key, one in flat(part, f"{path}/{name}").items()}
    return {path: f"{said:.12g}" if isinstance(said, float) else said}


def test_the_document_shows_an_answer_for_every_command(answers):
    assert len(answers) == len(EXPECTED) == SCRIPT.count("\nsealwatch model ")


@pytest.mark.parametrize("number", range(len(EXPECTED)))
def test_each_command_answers_what_the_document_says(answers, number):
    expected = EXPECTED[number]

    assert flat(part_of(answers[number], expected)) == flat(expected)
