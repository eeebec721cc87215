"""When the sender must ask again at once: only where it had no room for all that may be due."""

import pytest

from sealwatch_alerts.deliver import _is_full
from sealwatch_alerts.store import Due, Room, Told
from tests.factories import level_change

A, B = b"a" * 16, b"b" * 16


def due(endpoint: bytes) -> Due:
    return Due(b"d" * 16, endpoint, "https://example.org", b"", "en", 0, "raised", Told(level_change()))


@pytest.mark.parametrize(
    ("room", "endpoints", "full"),
    [
        (Room(100, 2, {}), [], False),
        (Room(100, 2, {}), [A], False),
        (Room(100, 2, {}), [A, A], True),
        (Room(100, 4, {A: 1}), [A, B], True),
        (Room(100, 4, {A: 0}), [], True),
        (Room(2, 4, {}), [A, B], True),
    ],
)
def test_more_may_be_due_only_where_a_room_was_used_up(room, endpoints, full):
    assert _is_full(room, [due(one) for one in endpoints]) is full
