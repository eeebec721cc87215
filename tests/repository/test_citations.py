"""What is cited can be opened by whoever has this repository: documents, their sections, records, tests."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("libs", "services", "tests", "bench", "docs", "deploy", ".ci", "data")
TOP = (
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "Makefile",
    "Dockerfile",
    "pyproject.toml",
)
KINDS = {".py", ".md", ".sql", ".json", ".toml", ".yaml", ".yml", ".sh", ".html"}
READ = [
    *(ROOT / name for name in TOP),
    *sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*") if p.suffix in KINDS),
]
OWN = Path(__file__)
TEXTS = {p: p.read_text() for p in READ if p != OWN}
DOCUMENT = re.compile(
    r"(?<![\w/.*-])((?:[\w.-]+/)*[\w-]+\.md)\b"
    r"(?:(?: |, |#)(?:decision |section )?(\d+(?:\.\d+)*|[A-Z]{1,2}-?\d+)\b)?"
)
LINK = re.compile(r"\]\(([^)\s#]*)(?:#([\w-]+))?\)")
RECORD = re.compile(r"\bADR (\d+)")
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
ROW = re.compile(r"\((?:[A-E]-\d+|[PMT]\d+)\)|\brow of the design\b|\bof the design\b")
PROMISES = ROOT / "docs" / "promises.md"


def shown(path):
    return str(path.relative_to(ROOT))


def anchors(path):
    """Return the anchors of a document's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def opened(name, by):
    """Return the document that a name means: from the root, from docs, or beside who cites it."""
    places = (ROOT / name, ROOT / "docs" / name, by.parent / name)
    return next((place for place in places if place.is_file()), None)


def is_in(document, section):
    """Return whether a document has a heading or the row of a table with this number."""
    return re.search(
        rf"^(#+ {re.escape(section)}\b|\| {re.escape(section)} \|)", document.read_text(), re.MULTILINE
    )


def dangling(text, by):
    """Return the documents and sections that a text cites and nobody can open."""
    found = []
    for name, section in DOCUMENT.findall(text):
        document = opened(name, by)
        if document is None or (section and not is_in(document, section)):
            found.append(f"{name} {section}".strip())
    return found


@pytest.mark.parametrize("path", TEXTS, ids=shown)
def test_every_document_and_section_that_is_cited_is_in_this_repository(path):
    assert dangling(TEXTS[path], path) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("see reliability.md 3 E", ["reliability.md 3"]),
        ("(architecture.md 4.1)", ["architecture.md 4.1"]),
        ("the order of architecture.md decision 6", ["architecture.md 6"]),
        ("(docs/promises.md, E-15)", ["docs/promises.md E-15"]),
        ("(docs/promises.md, E-9) and docs/risk-model.md.", []),
    ],
)
def test_a_citation_that_nobody_can_open_is_found(text, missing):
    assert dangling(text, OWN) == missing


@pytest.mark.parametrize("path", [p for p in TEXTS if p.suffix == ".md"], ids=shown)
def test_every_link_of_a_document_leads_somewhere(path):
    for target, anchor in LINK.findall(TEXTS[path]):
        if "://" in target or target.startswith("mailto:"):
            continue
        place = (path.parent / target).resolve() if target else path
        assert place.exists(), target
        assert not anchor or anchor in anchors(place), anchor


@pytest.mark.parametrize("path", TEXTS, ids=shown)
def test_every_record_that_is_cited_was_written_and_no_row_is_cited_without_its_document(path):
    records = {int(p.name[:4]) for p in (ROOT / "docs" / "adr").glob("[0-9]*.md")}

    assert {int(number) for number in RECORD.findall(TEXTS[path])} <= records
    assert ROW.findall(TEXTS[path].replace("(P1)", "")) == []  # the usual product of the tests


def test_records_are_numbered_without_a_gap():
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs" / "adr").glob("[0-9]*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_every_test_that_proves_a_promise_exists():
    text = PROMISES.read_text()
    named = TEST.findall(text)
    letters = (ROOT / "tests/integration/scorer/test_letters.py").read_text()
    rows = re.findall(r"^\| E-(\d+) \|.*`(test_\w+)` \|$", text, re.MULTILINE)

    missing = [
        f"{path}::{test}" for path, test in named if f"def {test}(" not in (ROOT / path).read_text() and test
    ]

    assert missing == []
    assert [int(number) for number, _ in rows] == list(range(1, 15))
    assert [test for _, test in rows if f"def {test}(" not in letters] == []
    assert len(named) > 10
