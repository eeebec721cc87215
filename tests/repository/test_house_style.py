"""The house limits that no linter knows: length of files and of function bodies, comments of dependencies."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("libs", "services", "tests", "bench")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
PRODUCT = [path for path in FILES if "tests" not in path.relative_to(ROOT).parts]


def bodies(path: Path) -> list[int]:
    nodes = ast.walk(ast.parse(path.read_text()))
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [n.body[-1].end_lineno - n.body[0].lineno + 1 for n in functions]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_and_no_function_is_long(path):
    assert len(path.read_text().splitlines()) <= 400
    assert max(bodies(path), default=0) <= 40


def test_functions_are_tiny_as_a_rule():
    assert median(length for path in PRODUCT for length in bodies(path)) <= 6


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_a_drawer_for_odds_and_ends(path):
    assert path.stem not in {"utils", "helpers", "manager", "service", "handler", "common", "misc"}


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
