from datetime import timedelta

import pytest

from sealwatch_scorer.ownership import SPARE_AFTER, UNASSIGNED, unassigned


@pytest.mark.parametrize(
    ("idle", "reason"),
    [
        (timedelta(0), UNASSIGNED),
        (SPARE_AFTER - timedelta(milliseconds=1), UNASSIGNED),
        (SPARE_AFTER, None),
        (timedelta(days=9), None),
    ],
    ids=str,
)
def test_a_member_that_was_given_nothing_is_a_spare_one_after_a_while(idle, reason):
    assert unassigned(idle) == reason
