from sealwatch.risk.floors import Check
from sealwatch.scoring.pack import packed, unpacked
from tests.unit.risk.given import NOON, counted, seen


def test_evidence_counts_and_checks_come_back_as_they_were():
    said = (seen(1, 2), counted(3, 7), Check("GB 1", "lead", NOON, failed=True))

    assert unpacked(packed(said)) == said
