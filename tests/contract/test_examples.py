import json
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.contracts import published
from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Envelope, Received, Stamp, encode
from sealwatch.contracts.door import read
from sealwatch.contracts.incidents import IncidentCount
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.log import InspectedItem, decode
from sealwatch.contracts.products import ProductDescribed
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.retractions import Retraction
from sealwatch.contracts.sightings import Sighting
from sealwatch.contracts.topics import EVIDENCE, EVIDENCE_TYPES, TOPIC_OF
from sealwatch.measure.limits import exact
from sealwatch_ingest.accept import limit_of_item
from tests.factories import NOON

POSTED = [
    ("inspection.reported.v1", Inspection, "sampled_at"),
    ("reading.taken.v1", Reading, "observed_at"),
    ("sighting.recorded.v1", Sighting, "captured_at"),
    ("incidents.counted.v1", IncidentCount, "observed_until"),
    ("evidence.retracted.v1", Retraction, "retracted_at"),
]


def as_written(value):
    """Give a number of the door as the log reads it; items have their own test."""
    if isinstance(value, tuple):
        return len(value)
    return exact(value) if isinstance(value, float) else value


def as_received(event_type, body, product_id="SEAL-2107"):
    stamp = Stamp("centre", "lims", "national_spot_check")
    envelope = Envelope(event_type, uid_of("centre", "lims", "1"), product_id, NOON)
    sent = encode(envelope, body, stamp.headers(), EVIDENCE.name)
    return Received(sent.topic, 0, 0, 0, sent.key, sent.value, sent.headers)


def test_every_type_that_travels_has_a_model_an_example_and_a_schema():
    files = {path.stem for path in (published.FOLDER / "examples").glob("*.json")}
    schemas = {path.stem for path in (published.FOLDER / "schemas").glob("*.json")}

    assert files == schemas == set(published.MODELS) == TOPIC_OF.keys()


@pytest.mark.parametrize("event_type", published.MODELS)
def test_a_schema_is_the_one_its_model_makes(event_type):
    kept = published.schema_path(event_type).read_text()

    assert kept == published.schema(event_type), "run python -m sealwatch.contracts.published"


@pytest.mark.parametrize("event_type", published.MODELS)
def test_an_example_is_read_by_its_model_and_satisfies_its_schema(event_type):
    example = published.example(event_type)

    published.MODELS[event_type].validate_json(example)
    jsonschema.Draft202012Validator(json.loads(published.schema(event_type))).validate(json.loads(example))


@pytest.mark.parametrize(("event_type", "model", "when"), POSTED)
def test_the_door_and_the_log_read_the_same_in_an_example(event_type, model, when):
    body = published.example(event_type)

    posted, event = read(model, body), decode(as_received(event_type, body))

    assert event.occurred_at == int(getattr(posted, when).timestamp())
    assert event.product_id == posted.product_id
    assert {name: as_written(getattr(posted, name)) for name in event.body.__struct_fields__} == {
        name: as_written(getattr(event.body, name)) for name in event.body.__struct_fields__
    }


def test_the_items_of_a_lot_read_the_same_at_the_door_and_from_the_log():
    body = published.example("inspection.reported.v1")

    posted, event = read(Inspection, body), decode(as_received("inspection.reported.v1", body))

    fields = [name for name in InspectedItem.__struct_fields__ if name not in {"limits", "standard"}]
    assert [tuple(as_written(getattr(item, name)) for name in fields) for item in posted.items] == [
        tuple(as_written(getattr(item, name)) for name in fields) for item in event.body.items
    ]


def test_the_limits_and_standards_of_a_lot_read_the_same_at_the_door_and_from_the_log():
    body = published.example("inspection.reported.v1")

    posted, event = read(Inspection, body), decode(as_received("inspection.reported.v1", body))

    assert [item.limits and limit_of_item(item.limits) for item in posted.items] == [
        item.limits for item in event.body.items
    ]
    assert [item.standard and item.standard.rank for item in posted.items] == [
        item.standard and item.standard.rank for item in event.body.items
    ]


def test_a_number_reads_from_the_log_to_the_last_digit_that_was_sent():
    body = published.example("reading.taken.v1").replace(b"0.42", b"0.4200000000000000000001")

    assert decode(as_received("reading.taken.v1", body)).body.value == Decimal("0.4200000000000000000001")


def test_the_facts_of_a_product_read_the_same_where_written_and_from_the_log():
    body = published.example("product.described.v1")

    written, event = (
        ProductDescribed.model_validate_json(body),
        decode(as_received("product.described.v1", body)),
    )

    assert event.body.facts_revision == written.facts_revision
    assert event.body.facts.severity_class == written.facts.severity_class


@pytest.mark.parametrize("event_type", EVIDENCE_TYPES)
def test_a_field_of_a_later_minor_version_is_passed_over_on_the_log(event_type):
    body = json.dumps(json.loads(published.example(event_type)) | {"added_later": {"x": [1]}}).encode()

    assert decode(as_received(event_type, body)).type == event_type


@given(
    some.datetimes(
        min_value=NOON.replace(year=2001, tzinfo=None), max_value=NOON.replace(year=2100, tzinfo=None)
    ),
    some.sampled_from(["Z", "+08:00", "-11:30", "+00:00", "-00:00", "+23:59"]),
    some.integers(0, 6),
)
def test_an_instant_that_the_door_takes_is_the_same_from_the_log(instant, offset, digits):
    fraction = f".{instant.microsecond:06d}"[: digits + 1] if digits else ""
    written = f"{instant:%Y-%m-%dT%H:%M:%S}{fraction}{offset}"
    body = json.dumps(json.loads(published.example("reading.taken.v1")) | {"observed_at": written}).encode()

    posted, event = read(Reading, body), decode(as_received("reading.taken.v1", body))

    assert posted.observed_at == event.body.observed_at
