"""The examples that the documentation shows are what is written today."""

from pathlib import Path

import pytest

from sealwatch_api.feed.atom import Place, atom
from sealwatch_api.feed.cap import cap
from tests.unit.api.feed.messages import ISSUER, entry, message, parsed

FOLDER = Path(__file__).parents[4] / "docs/examples"
EXAMPLES = {
    "warning.cap.xml": cap(message()),
    "feed.atom": atom(ISSUER, [entry(2), entry(1)], Place(None, 1)),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_is_written(name):
    kept, made = parsed((FOLDER / name).read_bytes()), parsed(EXAMPLES[name])

    shown = [(one.tag, (one.text or "").strip(), dict(one.attrib)) for one in kept.iter()]
    assert shown == [(one.tag, (one.text or "").strip(), dict(one.attrib)) for one in made.iter()]
