from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sealwatch.shell.db import _written

BERLIN = ZoneInfo("Europe/Berlin")


def test_an_instant_is_written_as_microseconds_since_2000():
    assert _written(datetime(2000, 1, 2, 0, 0, 0, 5, tzinfo=UTC)) == (86_400_000_005,)


def test_the_two_hours_of_a_clock_that_is_put_back_are_written_apart():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)

    (earlier,), (later,) = _written(first), _written(first.replace(fold=1))

    assert timedelta(microseconds=later - earlier) == timedelta(hours=1)


def test_an_instant_without_its_offset_is_refused():
    with pytest.raises(TypeError):
        _written(datetime(2026, 10, 25))  # noqa: DTZ001  # what is to be refused
