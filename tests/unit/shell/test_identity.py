from typing import NamedTuple

import pytest

from sealwatch.contracts.codec import digest_of
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka import faults_of
from tests.factories import inspection, received

RECORD = received(inspection())
OURS = digest_of(RECORD)


class At(NamedTuple):
    next_offset: int
    last_offset: int | None = None
    last_digest: bytes | None = None


async def holds(wanted):
    return dict.fromkeys(wanted, RECORD)


async def holds_nothing(_wanted):
    return {}


@pytest.mark.parametrize(
    ("place", "faults"),
    [
        (At(5), {}),
        (At(10, 9, OURS), {}),
        (At(20, 3, b"gone by retention"), {}),
        (At(10, 9, b"other"), {0: "topic_recreated: another record stands there"}),
        (At(21), {0: "topic_recreated: the position is beyond the end"}),
        (At(4, 3, OURS), {0: "offset_out_of_range: retention passed the position"}),
    ],
    ids=["never-read", "known", "last-one-gone", "another-record", "beyond", "passed"],
)
async def test_a_partition_stands_where_its_last_record_is_not_the_one_we_knew(place, faults):
    assert await faults_of({0: place}, {0: 5}, {0: 20}, holds) == faults


async def test_a_record_that_cannot_be_read_back_now_is_trouble_and_no_fault():
    with pytest.raises(BrokerUnavailable):
        await faults_of({0: At(10, 9, OURS)}, {0: 5}, {0: 20}, holds_nothing)
