"""docs/architecture.md is true to the code: folders, modules and functions, topics, tables."""

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest

from sealwatch.contracts.topics import TOPICS
from sealwatch.shell.migrate import scripts

ROOT = Path(__file__).parents[2]
TOLD = (ROOT / "docs" / "architecture.md").read_text()
PATH = TOLD.partition("## The path of one event")[2].partition("\n## ")[0]
NAMES = re.findall(r"`((?:contracts|shell|scoring|sealwatch_\w+)\.[\w.]+)`", PATH)
FOLDERS = re.findall(r"^\| `((?:libs|services)/[\w/.]+)` \|", TOLD, re.MULTILINE)
CREATED = re.compile(r"^create table (\w+)\.(\w+)(?! partition of)(?:\s*\(|\s+\()", re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_step_of_the_path_is_where_the_document_says(name):
    full = name if name.startswith("sealwatch_") else f"sealwatch.{name}"

    assert resolve_name(full) is not None  # raises where it leads nowhere


def test_the_path_names_its_steps():
    assert len(NAMES) > 10


def test_every_package_of_the_library_has_its_row():
    library = "libs/common/sealwatch/"
    packages = {f"{library}{path.parent.name}/" for path in (ROOT / library).glob("*/__init__.py")}

    assert packages <= set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_is_there(folder):
    assert (ROOT / folder).exists()


def test_the_topics_are_those_of_the_code():
    rows = re.findall(r"^\| `(sealwatch\.[\w.-]+)` \|.*\| ([^|]+) \|$", TOLD, re.MULTILINE)

    kept = {topic.name: f"{topic.retention.days} days" if topic.retention else "newest" for topic in TOPICS}
    assert {name: said if said in kept.values() else said.split()[0] for name, said in rows} == kept


@pytest.mark.parametrize("schema", ["registry", "scoring", "alerting"])
def test_the_tables_are_those_of_the_migrations(schema):
    (row,) = re.findall(rf"^\| `{schema}` \(\w+\) \| (.*) \|$", TOLD, re.MULTILINE)

    made = {name for sql in scripts().values() for owner, name in CREATED.findall(sql) if owner == schema}
    assert set(re.findall(r"`(\w+)`", row)) == made
