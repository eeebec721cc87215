from contextlib import suppress

from sealwatch_scorer.store import Position
from sealwatch_scorer.turns import MOST_FRUITLESS, Turns


def fail(turns, times, **offsets):
    for _ in range(times):
        with suppress(TimeoutError), turns.trying(standing(offsets)):
            raise TimeoutError
        turns.failed("waiting: TimeoutError")


def succeed(turns, **offsets):
    with turns.trying(standing(offsets)):
        pass


def standing(offsets):
    return {int(name[1:]): Position(offset) for name, offset in offsets.items()}


def test_a_position_that_fails_five_times_in_a_row_is_named():
    turns = Turns()

    fail(turns, MOST_FRUITLESS - 1, p0=7)
    before = turns.trouble
    fail(turns, 1, p0=7)

    assert before is None
    assert turns.trouble == "no progress: partition 0 at offset 7: 5 fruitless turns; waiting: TimeoutError"


def test_progress_of_another_partition_does_not_hide_it():
    turns = Turns()

    for offset in range(MOST_FRUITLESS):
        fail(turns, 1, p0=7)
        succeed(turns, p1=offset)

    assert "partition 0 at offset 7" in turns.trouble


def test_progress_ends_it():
    turns = Turns()
    fail(turns, MOST_FRUITLESS, p0=7, p1=3)

    succeed(turns, p0=7)
    half = turns.trouble
    succeed(turns, p1=3)

    assert "partition 0" not in half
    assert turns.trouble is None


def test_another_position_is_another_count():
    turns = Turns()

    fail(turns, MOST_FRUITLESS - 1, p0=7)
    fail(turns, MOST_FRUITLESS - 1, p0=8)

    assert turns.trouble is None


def test_turns_that_tried_nothing_do_not_count():
    turns = Turns()
    fail(turns, 1, p0=7)

    for _ in range(MOST_FRUITLESS):
        turns.failed("waiting: ConnectionRefusedError")

    assert turns.trouble is None


def test_a_partition_that_went_to_somebody_else_is_forgotten():
    turns = Turns()
    fail(turns, MOST_FRUITLESS, p0=7)

    turns.keep({1})

    assert turns.trouble is None
