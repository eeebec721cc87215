"""Where positions may be set: only to a place that the log holds."""

import pytest

from sealwatch.shell.kafka.bounds import Bounds
from sealwatch.shell.remedy import OutOfLog, Position, Stand, aims

STANDS = {0: Stand(Position(7), Bounds(5, 9)), 1: Stand(None, Bounds(0, 8))}


@pytest.mark.parametrize(
    ("to", "expected"),
    [("earliest", {0: 5, 1: 0}), ("latest", {0: 9, 1: 8}), ("5", {0: 5, 1: 5}), ("8", {0: 8, 1: 8})],
)
def test_positions_go_where_the_log_has_a_place(to, expected):
    assert aims(STANDS, to) == expected


@pytest.mark.parametrize("to", ["4", "9", "10"])
def test_an_offset_that_one_log_does_not_hold_is_refused(to):
    with pytest.raises(OutOfLog, match="holds"):
        aims(STANDS, to)


def test_a_partition_that_the_topic_lost_is_refused():
    with pytest.raises(OutOfLog, match="no partition 2"):
        aims(STANDS | {2: Stand(Position(1), None)}, "earliest")
