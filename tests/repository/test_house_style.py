"""Every limit of CONTRIBUTING.md is held, and each of them is really able to refuse."""

import subprocess
import sys
from pathlib import Path, PurePath
from statistics import median

import pytest

from tests.repository import style

ROOT = Path(__file__).parents[2]
FOLDERS = ("libs", "services", "tests", "bench")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
PRODUCT = [path for path in FILES if "tests" not in path.relative_to(ROOT).parts]
UNIT_TESTS = [path for path in FILES if path.is_relative_to(ROOT / "tests" / "unit")]
OWN = {Path(style.__file__), Path(__file__)}  # they name what is forbidden
KINDS = {".py", ".md", ".sql", ".json", ".toml", ".yaml", ".yml", ".html", ".lock", ".xml", ".txt"}
TOP = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".installed"]
SPREAD = [ROOT / folder for folder in (*FOLDERS, "docs", "deploy", "requirements")]
WRITTEN = {path for folder in SPREAD for path in folder.rglob("*") if path.suffix in KINDS}
TEXTS = sorted({*TOP, ROOT / ".ci" / "run", *WRITTEN} - OWN)
DEEP = "def f(a):\n if a:\n  for b in a:\n   with b:\n    {}:\n     pass\n"
CHAIN = "def f(a):\n" + "".join(
    f" {word} a == {n}:\n  pass\n" for n, word in enumerate(["if", *["elif"] * 8])
)


def shown(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_no_file_and_no_function_is_long_or_deep(path):
    assert list(style.faults_of_code(path.read_text())) == []


def test_functions_are_tiny_as_a_rule():
    assert (
        median(length for path in PRODUCT for length in style.bodies(path.read_text())) <= style.TYPICAL_BODY
    )


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_no_module_is_a_drawer_for_odds_and_ends(path):
    assert list(style.faults_of_name(path.relative_to(ROOT))) == []


@pytest.mark.parametrize("path", TEXTS, ids=shown)
def test_nothing_is_unfinished_and_nothing_names_a_machine_or_a_registry(path):
    assert list(style.faults_of_words(path.read_text(errors="replace"))) == []


@pytest.mark.parametrize("path", UNIT_TESTS, ids=shown)
def test_a_unit_test_replaces_nothing_waits_for_nothing_and_opens_no_socket(path):
    assert list(style.faults_of_unit_test(path.read_text())) == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("a = 1\n" * 400, []),
        ("a = 1\n" * 401, ["401 lines"]),
        ("def f():\n" + " a = 1\n" * 40, []),
        ("async def f():\n" + " a = 1\n" * 41, ["f: a body of 41 lines"]),
        ("class C:\n def f(self):\n" + "  a = 1\n" * 41, ["f: a body of 41 lines"]),
        (DEEP.format("if b").replace("   with b:\n    if b:\n     pass", "   with b:\n    pass"), []),
        (DEEP.format("while b"), ["f: 4 blocks in each other"]),
        (CHAIN, []),
    ],
    ids=["400 lines", "401 lines", "40 in a body", "41 in a body", "in a method", "3 deep", "4 deep", "elif"],
)
def test_the_limits_of_size_refuse_what_is_beyond_them(text, faults):
    assert list(style.faults_of_code(text)) == faults


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("libs/common/sealwatch/errors.py", []),
        ("libs/common/sealwatch/utils.py", ["utils"]),
        ("services/api/sealwatch_api/helpers/names.py", ["helpers"]),
    ],
)
def test_a_drawer_is_refused_as_module_and_as_package(name, faults):
    assert list(style.faults_of_name(PurePath(name))) == faults


@pytest.mark.parametrize(
    "text",
    [
        "raise NotImplementedError",
        "# TODO later",
        "# fixme",
        "a placeholder",
        "enough for now",
        "see /work/x",
        "'/tmp/x'",
        "cd /root/x",
        "https://pypi.org/simple",
        "docker.io/library/python",
    ],
)
def test_each_forbidden_word_is_found(text):
    assert len(list(style.faults_of_words(text))) == 1


@pytest.mark.parametrize(
    "text",
    ["def test_it(monkeypatch):", "from unittest.mock import Mock", "import socket", "time.sleep(0.1)"],
)
def test_each_crutch_of_a_unit_test_is_found(text):
    assert len(list(style.faults_of_unit_test(text))) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CHAIN, "C901"),
        ("def f(a, b, c, d, e, g):\n pass\n", "PLR0913"),
        ("def f():\n pass\n", "D103"),
        ("def f(a):\n pass\n", "ANN001"),
        ("from datetime import datetime\nb = datetime.now()\n", "TID251"),
        ("import time\nb = time.time()\n", "TID251"),
        ("try:\n a = 1\nexcept Exception:\n a = 2\n", "BLE001"),
        ("# TO" + "DO: later\n", "FIX002"),
        ("print(1)\n", "T201"),
    ],
)
def test_the_linter_refuses_what_is_left_to_it(text, code):
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", "-"]
    where = ["--stdin-filename", "libs/common/sealwatch/scratch.py"]

    done = subprocess.run(  # noqa: S603  # our own linter on our own text
        [*command, *where], input=text, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, f" {code} " in done.stdout) == (1, True)


def test_every_dependency_says_what_it_is_for():
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    start, end = lines.index("dependencies = ["), lines.index("[tool.hatch.build]")
    named = [line for line in lines[start:end] if line.startswith('    "')]

    silent = [line for line in named if "# " not in line]

    assert len(named) > 20
    assert silent == []


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock"])
def test_requirements_are_pinned_by_hash_and_name_no_address(lock):
    text = (ROOT / "requirements" / lock).read_text()

    assert text.count("--hash=sha256:") > 100
    assert "://" not in text
