"""Who is turned away at the door, and what is flagged and let in."""

from datetime import timedelta

import pytest

from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.readings import Reading
from sealwatch.contracts.registry import DeviceEntry, RecordedIndicator
from sealwatch.contracts.retractions import Retraction
from sealwatch_ingest.accept import flags_of, objection
from tests.factories import NOON, inspection, retraction

GAP = {"indicator": "gap", "unit": "mm", "factor": "ENVR"}


def device(*indicators, **other):
    known = {"device_id": "D1", "organisation_id": "lab", "point_id": "Point 1", "period_seconds": 3600}
    measured = tuple(map(RecordedIndicator.model_validate, indicators))
    return DeviceEntry(**{**known, "indicators": measured, **other})


def reading(value=0.5, unit="mm", indicator="gap", **other):
    named = {"event_id": "r", "product_id": "P1", "point_id": "Point 1", "device_id": "D1", "sequence": 7}
    taken = {"indicator": indicator, "value": value, "unit": unit, "observed_at": NOON.isoformat()}
    return Reading.model_validate({**named, **taken, **other})


def lot(*items):
    told = [{"indicator": "i", "factor": "QUAL", "verdict": "pass"} | one for one in items]
    return Inspection.model_validate({**inspection(), "items": told})


def plain(**other):
    return Inspection.model_validate(inspection(**other))


LEAD = {"value": 38.5, "unit": "mg/kg", "limits": {"upper": 0.01, "unit": "%"}}


@pytest.mark.parametrize(
    ("event", "known", "code"),
    [
        (reading(), None, None),
        (reading(), device(), None),
        (reading(), device(GAP), None),
        (reading(unit="µm", value=500.0), device(GAP), None),
        (reading(indicator="weight"), device(GAP), "unknown_metric"),
        (reading(indicator="weight", unit="kg"), device(), None),
        (reading(unit="mg"), device(GAP), "unit_mismatch"),
        (reading(unit="blorps"), device(GAP), "unknown_unit"),
        (reading(unit="blorps"), None, "unknown_unit"),
        (reading(value=1e12), device(GAP | {"lowest": 0.0, "highest": 100.0}), "out_of_metric_range"),
        (reading(value=100.0), device(GAP | {"lowest": 0.0, "highest": 100.0}), None),
        (reading(value=100_001.0, unit="µm"), device(GAP | {"highest": 100.0}), "out_of_metric_range"),
        (reading(unit="mg"), device(GAP | {"product_id": "P2"}), None),
        (reading(unit="mg"), device(GAP | {"product_id": "P1"}), "unit_mismatch"),
        (lot(LEAD), None, None),
        (lot({}, LEAD | {"unit": "mg/L"}), None, "unit_mismatch"),
        (lot(LEAD | {"unit": "blorps"}), None, "unknown_unit"),
        (lot({"limits": {"upper": 1.0, "unit": "blorps"}}), None, "unknown_unit"),
        (lot({"value": 3.0, "unit": "CFU/g", "limits": {"upper": 5.0}}), None, None),
        (plain(sampled_at=NOON + timedelta(minutes=6)), None, "timestamp_in_future"),
        (plain(sampled_at=NOON + timedelta(minutes=4)), None, None),
    ],
)
def test_what_cannot_be_scored_is_turned_away_with_a_code(event, known, code):
    fault = objection(event, NOON, known)

    assert (fault and fault.code) == code


def test_a_refusal_points_at_the_item_at_fault():
    fault = objection(lot({}, {}, LEAD | {"unit": "blorps"}), NOON)

    assert fault is not None
    assert fault.pointer == "/items/2/unit"


@pytest.mark.parametrize(
    ("event", "known", "flags"),
    [
        (plain(), None, ()),
        (plain(sampled_at=NOON + timedelta(minutes=4)), None, ("clock_skew",)),
        (plain(sampled_at=NOON - timedelta(days=365)), None, ()),
        (plain(sampled_at=NOON - timedelta(days=366)), None, ("late",)),
        (reading(observed_at="2016-03-01T12:00:00Z"), device(), ("late",)),
        (reading(observed_at="2026-02-01T12:00:00Z"), device(), ()),
        (Retraction.model_validate(retraction() | {"retracted_at": "2016-03-01T12:00:00Z"}), None, ()),
        (reading(quality="bad"), device(), ("quality_bad",)),
        (reading(quality="suspect"), device(), ("quality_suspect",)),
        (reading(), device(calibrated_until=NOON.isoformat()), ()),
        (reading(), device(calibrated_until="2026-03-01T11:59:59Z"), ("out_of_calibration",)),
        (lot(LEAD), None, ()),
        (lot(LEAD | {"verdict": "fail"}), None, ("verdict_disagrees",)),
        (lot(LEAD | {"value": 500.0}, LEAD | {"value": 600.0}), None, ("verdict_disagrees",)),
        (lot(LEAD | {"value": 500.0, "censoring": "below_lod"}), None, ("censored_across_limit",)),
    ],
)
def test_what_is_odd_is_flagged_and_let_in(event, known, flags):
    assert objection(event, NOON, known) is None
    assert flags_of(event, NOON, known) == flags
