"""What lines say is worked out once for all that say the same, and never for those that do not."""

import json

import pytest

from sealwatch.contracts.codec import Stamp, packed_headers
from sealwatch.contracts.log import InspectedItem, InspectionReported
from sealwatch.errors import UnreadableRecord
from sealwatch.scoring.evidence import evidence_of
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.rescoring.lines import Line, arrival_of
from sealwatch_scorer.rescoring.shapes import Item, Lot, Shapes
from tests.factories import LAB, NOON, description, incident_count, inspection, received, retraction

POLICY = load_policy(None)
WEB = Stamp("lab", "lims", "web", accredited=True)
DOUBTED = Stamp("lab", "lims", "national_spot_check")
LIMITS = {"upper": "0.1", "unit": "%"}


def line_of(body, sender=LAB, headers=None):
    record = received(body, sender=sender)
    said = dict(record.headers)
    return Line(
        NOON.timestamp(),
        0,
        0,
        body["product_id"],
        bytes.fromhex(said["ce_id"].decode()),
        said["ce_type"].decode(),
        packed_headers(headers(record.headers) if headers else record.headers),
        record.value,
    )


def lead(value, number=1):
    """Return a lot with a value against a limit of 1,000 mg/kg."""
    item = {"indicator": "lead", "factor": "QUAL", "verdict": "not_judged", "limits": LIMITS}
    return inspection(event_id=f"lead-{number}") | {"items": [item | {"value": value, "unit": "mg/kg"}]}


def said(line):
    return evidence_of(arrival_of(line).event, POLICY)


def test_all_that_evidence_reads_of_a_lot_tells_shapes_apart_but_a_value_where_there_is_no_limit():
    of_item, of_lot = set(InspectedItem.__struct_fields__), set(InspectionReported.__struct_fields__)

    assert of_item - set(Item.__struct_fields__) == {"value", "unit", "censoring"}
    assert of_lot - set(Lot.__struct_fields__) == {"product_id"}


def test_lots_that_say_the_same_have_one_shape_whatever_else_differs():
    shapes = Shapes(POLICY)

    first = shapes.of(line_of(inspection("P1", "lot-1")))
    second = shapes.of(line_of(inspection("P2", "lot-2") | {"region": "310000", "lot": "other"}))

    assert first[1] is second[1]
    assert first == (int(NOON.timestamp()), first[1])


LINES = [
    line_of(inspection("P1", "lot-1")),
    line_of(inspection("P1", "lot-2", failed=True)),
    line_of(inspection("P1", "lot-1") | {"monitoring_mode": "special"}),
    line_of(inspection("P1", "lot-1"), WEB),
    line_of(inspection("P1", "lot-1"), DOUBTED),
    line_of(lead("5")),
    line_of(lead("5000")),
    line_of(inspection("P1", "lot-3") | {"items": []}),
    line_of(inspection("P1", "lot-1"), WEB, headers=lambda named: named[::-1]),
    line_of(inspection("P1", "lot-1"), LAB, headers=lambda named: named[::-1]),
    line_of(inspection("P1", "lot-1"), WEB, headers=lambda named: [*named[5:], *named[:5]]),
    line_of(inspection("P1", "lot-1"), LAB, headers=lambda named: [*named[5:], *named[:5]]),
    line_of(inspection("P1", "lot-1"), LAB, headers=lambda named: [*named, ("ce_sourceclass", b"web")]),
]


@pytest.mark.parametrize("most_kept", [1, 2, 1000])
def test_a_shape_at_the_time_of_its_line_is_what_the_steps_of_live_scoring_see(most_kept):
    shapes = Shapes(POLICY, most_kept)

    for line in [*LINES, *LINES]:
        at, shape = shapes.of(line)

        assert shape.at(at) == said(line)


@pytest.mark.parametrize("body", [retraction(), description(), incident_count()])
def test_what_is_not_of_trials_and_verdicts_is_left_to_the_steps(body):
    assert Shapes(POLICY).of(line_of(body)) is None


def test_a_body_that_cannot_be_read_is_said_to_be():
    line = line_of(inspection())._replace(body=json.dumps({"items": 1}).encode())

    with pytest.raises(UnreadableRecord):
        Shapes(POLICY).of(line)
