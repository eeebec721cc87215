from datetime import date

from sealwatch.errors import Halted
from sealwatch_scorer.batch import polled, read, until_midnight
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON_MS, inspection, received

TODAY = date(2026, 3, 1)


def test_an_instant_never_goes_back():
    records = [
        received(inspection(event_id="a"), 0, NOON_MS),
        received(inspection(event_id="b"), 1, NOON_MS - 5),
    ]

    poll = polled(map(read, records), {0: Position(0)}, {})

    assert [arrival.instant_ms for arrival in poll.arrivals] == [NOON_MS, NOON_MS]


def test_bytes_that_are_no_event_become_a_letter_and_the_position_moves_on():
    broken = received(inspection())._replace(value=b"{}", offset=7)

    poll = polled([read(broken)], {0: Position(3)}, {})

    assert [letter[1] for letter in poll.letters] == ["unreadable"]
    assert poll.after[0].next_offset == 8


def test_a_newer_major_version_stops_the_partition_before_it():
    newer = received(inspection(), 1)
    headers = tuple((n, b"inspection.reported.v2" if n == "ce_type" else v) for n, v in newer.headers)
    records = [
        received(inspection(), 0),
        newer._replace(headers=headers),
        received(inspection(event_id="c"), 2),
    ]

    poll = polled(map(read, records), {0: Position(0)}, {})

    assert poll.after[0].next_offset == 1
    assert isinstance(poll.halted[0], Halted)


def test_a_record_of_a_later_day_waits_for_the_sweep():
    position = Position(0, instant_ms=NOON_MS, swept_through=date(2026, 2, 28))
    records = [received(inspection(), 0, NOON_MS), received(inspection(), 1, NOON_MS + DAY_MS)]

    now, sweeps = until_midnight([*map(read, records)], {0: position})

    assert ([one.record.offset for one in now], sweeps) == ([0], {0: TODAY})


def test_the_first_day_of_a_partition_needs_no_sweep():
    now, sweeps = until_midnight([read(received(inspection(), 0, NOON_MS))], {0: Position(0)})

    assert (len(now), sweeps) == (1, {})
