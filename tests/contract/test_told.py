from datetime import UTC, datetime

import msgspec
import pytest

from sealwatch.contracts.risk import LevelChanged, RiskAssessed
from sealwatch.contracts.told import ToldAssessment, ToldChange, ToldFloor, written
from tests.factories import level_change

ASSESSED = {
    "product_id": "P1", "category": None, "enterprise_id": "E1", "region": None, "severity_class": 3,
    "facts_known": False, "facts_revision": 0, "policy_version": "1", "last_event_uid": "00" * 16,
    "revision": 2, "risk_level": "medium", "indicated": "low", "index": 12.5, "index_p05": 1.0,
    "index_p50": 12.0, "index_p95": 30.0, "main_factor": "QUAL", "below_since": "2026-03-01",
    "assessed_at": datetime(2026, 3, 2, tzinfo=UTC).isoformat(), "stale": True,
    "floors": ({"standard": "GB 1", "indicator": "lead"},), "model_level": "low",
    "override_until": "2026-03-09T00:00:00+00:00",
}  # fmt: skip


@pytest.mark.parametrize(("lean", "model"), [(ToldChange, LevelChanged), (ToldAssessment, RiskAssessed)])
def test_the_lean_writer_has_the_fields_of_the_contract(lean, model):
    written_fields = {field.name for field in msgspec.structs.fields(lean)}

    assert written_fields == set(model.model_fields)


def test_a_level_change_reads_back_as_the_contract_has_it():
    change = level_change()

    raw = written(ToldChange(**change.model_dump()))

    assert LevelChanged.model_validate_json(raw, strict=True) == change


def test_an_assessment_reads_back_as_the_contract_has_it():
    floors = tuple(ToldFloor(**floor) for floor in ASSESSED["floors"])

    raw = written(ToldAssessment(**ASSESSED | {"floors": floors}))

    assert RiskAssessed.model_validate_json(raw, strict=True).model_dump() == ASSESSED


def test_a_level_change_carries_its_interval_and_its_largest_shares():
    plain = level_change().model_dump(exclude_none=True)
    told = plain | {"index_p05": 55.0, "index_p95": 66.0, "shares": [{"factor": "COPY", "points": 40.0}]}
    lean = msgspec.convert(told, ToldChange)

    read = LevelChanged.model_validate_json(written(lean))

    assert (read.index_p05, read.index_p95) == (55.0, 66.0)
    assert [(one.factor, one.points) for one in read.shares] == [("COPY", 40.0)]
