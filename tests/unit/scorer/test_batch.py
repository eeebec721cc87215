from dataclasses import replace
from datetime import date

from sealwatch.errors import Halted
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.step import Foreseen, Known, walk
from sealwatch_scorer.batch import foreseen, polled, read, until_midnight
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON_MS, inspection, received
from tests.unit.risk.given import POLICY

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


def test_what_an_event_says_is_foreseen_for_one_policy_only():
    known = read(received(inspection(), 0))
    other = replace(POLICY, version="other")

    ahead = foreseen(known, POLICY)
    [arrival] = polled([ahead], {0: Position(0)}, {}).arrivals

    assert ahead.foreseen == Foreseen(evidence_of(known.event, POLICY), POLICY)
    assert arrival.foreseen.policy is not other


def test_foreseeing_changes_nothing_of_what_is_scored():
    reads = [read(received(inspection(event_id=f"e{n}", failed=n == 2), n)) for n in range(4)]

    plain = walk(Known({}), polled(reads, {0: Position(0)}, {}).arrivals, POLICY)
    ahead = [foreseen(one, POLICY) for one in reads]
    seen = walk(Known({}), polled(ahead, {0: Position(0)}, {}).arrivals, POLICY)

    assert seen.products == plain.products


def test_what_was_foreseen_under_another_policy_is_worked_out_anew():
    strict = replace(POLICY, quality=replace(POLICY.quality, accredited=0.5))
    ahead = foreseen(read(received(inspection(failed=True), 0)), POLICY)

    walked = walk(Known({}), polled([ahead], {0: Position(0)}, {}).arrivals, strict)

    assert [piece.failures_millionths for kept in walked.kept.values() for piece in kept.folded] == [500_000]


def test_bytes_that_are_no_event_foresee_nothing():
    broken = read(received(inspection())._replace(value=b"{}"))

    assert foreseen(broken, POLICY) is broken
