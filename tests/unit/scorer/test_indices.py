import json
from datetime import date

from sealwatch.scoring.step import Known, walk
from sealwatch.scoring.sweep import midnight_after
from sealwatch.shell.policy_documents import load_version
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.indices import records_of
from sealwatch_scorer.policies import alone
from sealwatch_scorer.rows import STATE_TYPES, settled, state_row
from sealwatch_scorer.store import Position
from tests.factories import NOON_MS, inspection, received

BASE = load_version()
AT = midnight_after(date(2026, 3, 1))


def row(**other):
    """Return the row of a product with one failed lot, as the store keeps it."""
    record = received(inspection(failed=True), 0, NOON_MS)
    poll = polled([read(record)], {0: Position(0)}, {})
    [product] = walk(Known({}), poll.arrivals, BASE.policy).products.values()
    held = state_row(settled(product, BASE.policy, AT), BASE.policy)
    return dict(zip(STATE_TYPES, held, strict=True)) | other


async def told(*rows):
    return [json.loads(record.value) for record in await records_of(rows, alone(BASE).named)]


async def test_an_index_is_told_with_its_interval_under_the_version_that_made_it():
    [said] = await told(row())

    assert said["policy_version"] == BASE.policy.version
    assert said["index_p05"] < said["index"] < said["index_p95"]


async def test_a_row_of_a_version_that_nobody_can_read_tells_what_it_holds_and_no_interval():
    [said] = await told(row(policy_version="gone", indicated=4, index=76.543210987654321, main_factor="MKT"))

    assert said["policy_version"] == "gone"
    assert (said["indicated"], said["index"], said["main_factor"]) == ("serious", 76.5432109877, "MKT")
    assert (said["index_p05"], said["index_p50"], said["index_p95"]) == (None, None, None)
    assert said["floors"] == []
