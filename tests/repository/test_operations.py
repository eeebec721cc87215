"""The guide for operators names only what exists: metrics, headers, reasons of a halt."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "operations.md").read_text()
SOURCES = "\n".join(
    path.read_text() for folder in ("libs", "services") for path in (ROOT / folder).rglob("*.py")
)
METRICS = sorted(set(re.findall(r"sealwatch_(?:scorer|alerts|outbox)_\w+", GUIDE)))
REASONS = [
    cell.partition(" N")[0].split(" T`")[0]
    for cell in re.findall(r"^\| `(?!sealwatch_)([^`]+)` \|", GUIDE, re.MULTILINE)
]


def test_the_guide_has_reasons_and_metrics():
    assert len(METRICS) > 5
    assert len(REASONS) > 8


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_of_the_guide_exists(metric):
    assert f'"{metric}"' in SOURCES


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_guide_is_one_that_the_code_gives(reason):
    words = [part for part in re.split(r"partition |halted: | in ", reason) if part]

    assert all(word in SOURCES for word in words)
