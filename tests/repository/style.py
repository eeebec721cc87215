"""The house limits that no linter knows, as functions from a text to what is wrong with it."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath

MOST_LINES, MOST_BODY, MOST_NESTING, TYPICAL_BODY = 400, 40, 3, 6
DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "service",
    "handler",
    "common",
    "misc",
}
UNFINISHED = re.compile(
    r"NotImplementedError|\bTODO\b|\bFIXME\b|\bXXX\b|\bplaceholder\b|\bfor now\b", re.IGNORECASE
)
MACHINE = re.compile(r"(?<![\w.}/-])/(?:work|tmp|root|home|Users)/")
REGISTRY = re.compile(
    r"pypi\.org|pythonhosted|npmjs\.|maven\.org|apache\.org/maven|docker\.io|ghcr\.io|quay\.io", re.IGNORECASE
)
DOUBLES = re.compile(
    r"\bmonkeypatch\b|\bunittest\.mock\b|\bmocker\b|\bMagicMock\b|\bimport socket\b|sleep\((?!0\))"
)
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(text: str) -> list[Function]:
    """Return every function of a module, also those inside others."""
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, Function)]


def bodies(text: str) -> list[int]:
    """Return how many lines the body of each function has, its docstring included."""
    return [one.body[-1].end_lineno - one.body[0].lineno + 1 for one in functions(text)]


def nesting(node: ast.AST) -> int:
    """Return how deep blocks stand in each other; an ``elif`` is no deeper than its ``if``."""
    return max((_deep(child, node) for child in ast.iter_child_nodes(node)), default=0)


def _deep(child: ast.AST, parent: ast.AST) -> int:
    if isinstance(child, Function | ast.ClassDef | ast.Lambda):
        return 0
    chained = isinstance(child, ast.If) and isinstance(parent, ast.If) and parent.orelse == [child]
    return nesting(child) + (isinstance(child, BLOCKS) and not chained)


def faults_of_code(text: str) -> Iterator[str]:
    """Yield which limits of size a module breaks."""
    if (lines := len(text.splitlines())) > MOST_LINES:
        yield f"{lines} lines"
    for one in functions(text):
        if (length := one.body[-1].end_lineno - one.body[0].lineno + 1) > MOST_BODY:
            yield f"{one.name}: a body of {length} lines"
        if (depth := nesting(one)) > MOST_NESTING:
            yield f"{one.name}: {depth} blocks in each other"


def faults_of_name(path: PurePath) -> Iterator[str]:
    """Yield the parts of a path, without its distribution folder, that say nothing of what is inside."""
    names = {path.stem, *path.parent.parts[2:]}
    yield from sorted(names & DRAWERS)


def faults_of_words(text: str) -> Iterator[str]:
    """Yield words that nothing finished has, paths of one machine, and addresses of registries."""
    for pattern in (UNFINISHED, MACHINE, REGISTRY):
        yield from (match[0] for match in pattern.finditer(text))


def faults_of_unit_test(text: str) -> Iterator[str]:
    """Yield what makes a unit test touch a network, wait, or replace parts of the product."""
    yield from (match[0] for match in DOUBLES.finditer(text))
