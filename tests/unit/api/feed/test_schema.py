"""The schema of OASIS is the one that was published, and refuses what is out of order, missing or unknown."""

from copy import deepcopy
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from sealwatch_api.feed.cap import Reference, cap
from tests.factories import NOON
from tests.unit.api.feed.messages import CAP, SCHEMA, message, parsed

PUBLISHED = "b7798ef25868b068c97b268bda02d067c7d4ba9373adc5638bf37105804ee723"
FILE = Path(__file__).parents[3] / "data" / "cap" / "CAP-v1.2.xsd"
EARLIER = Reference("warnings@centre.example", "sealwatch-" + "00" * 16, NOON - timedelta(hours=1))
ALERT = parsed(cap(message(msg_type="Update", references=(EARLIER,), note="x")))
INFO = ALERT.find(CAP + "info")
AREA = INFO.find(CAP + "area")
PARTS = {"alert": ALERT, "info": INFO, "area": AREA}
NEIGHBOURS = [
    (name, place)
    for name, part in PARTS.items()
    for place, (one, other) in enumerate(pairwise(part))
    if one.tag != other.tag
]
OPTIONAL = {
    "references",
    "note",
    "language",
    "responseType",
    "effective",
    "expires",
    "senderName",
    "headline",
}
OPTIONAL |= {"description", "instruction", "web", "parameter", "area", "geocode", "info", "source", "onset"}


def copied(name):
    """Return a message of one's own, and its part of that name."""
    alert = deepcopy(ALERT)
    return alert, {
        "alert": alert,
        "info": (info := alert.find(CAP + "info")),
        "area": info.find(CAP + "area"),
    }[name]


def test_the_schema_is_the_published_one():
    assert sha256(FILE.read_bytes()).hexdigest() == PUBLISHED


def test_the_message_that_is_broken_below_is_whole():
    SCHEMA.assertValid(ALERT)
    assert len(NEIGHBOURS) > 20


@pytest.mark.parametrize(("name", "place"), NEIGHBOURS)
def test_an_element_before_its_neighbour_is_refused(name, place):
    alert, part = copied(name)
    part.insert(place, part[place + 1])

    assert not SCHEMA.validate(alert)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        (name, one.tag.removeprefix(CAP))
        for name, part in PARTS.items()
        for one in part
        if one.tag.removeprefix(CAP) not in OPTIONAL
    ],
)
def test_without_an_element_that_must_be_there_it_is_refused(name, tag):
    alert, part = copied(name)
    for one in part.findall(CAP + tag):
        part.remove(one)

    assert not SCHEMA.validate(alert)


@pytest.mark.parametrize("name", PARTS)
def test_an_element_that_the_standard_does_not_know_is_refused(name):
    alert, part = copied(name)
    part.append(part.makeelement(CAP + "colour"))

    assert not SCHEMA.validate(alert)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("sent", "2026-03-01T12:00:00Z"),
        ("sent", "2026-03-01T12:00:00.5+08:00"),
        ("status", "Real"),
        ("scope", ""),
    ],
)
def test_a_value_of_another_form_is_refused(tag, text):
    alert, _ = copied("alert")
    alert.find(CAP + tag).text = text

    assert not SCHEMA.validate(alert)
