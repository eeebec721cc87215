"""How many an endpoint gets: one at first, more as it answers, and always some of the top level."""

from datetime import timedelta

import pytest

from sealwatch_alerts.places import Places

A = b"a" * 16
SOON, LATE = timedelta(milliseconds=10), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("answers", "room"),
    [
        ([], 1),
        ([SOON], 2 * 32),
        ([SOON, SOON], 4 * 32),
        ([SOON] * 5, 4 * 32),
        ([SOON, LATE], 4),
        ([LATE], 2),
    ],
)
def test_room_doubles_with_each_answer_and_is_claimed_ahead_after_a_quick_one(answers, room):
    made = Places(4, 32)

    for took in answers:
        made.learn(A, delivered=True, took=took)

    assert made.room().others.get(A, made.room().each) == room


def test_after_a_failure_an_endpoint_begins_with_one_again():
    made = Places(4, 32)
    made.learn(A, delivered=True, took=SOON)
    made.learn(A, delivered=True, took=SOON)
    made.learn(A, delivered=False, took=LATE)

    failing = made.room()
    made.learn(A, delivered=True, took=SOON)

    assert (failing.others[A], failing.urgent[A]) == (1, 2)
    assert made.room().others[A] == 2 * 32


def test_where_all_places_are_taken_there_is_room_for_the_top_level_alone():
    made = Places(4, 32, most=20)
    made.busy[A] = 20

    room = made.room()

    assert (room.most, room.each, room.spare) == (2, 0, 1)
    assert room.others == {A: 0}


def test_beyond_what_is_claimed_ahead_there_is_room_for_the_top_level():
    made = Places(4, 32)
    made.learn(A, delivered=True, took=SOON)
    made.busy[A] = 64

    room = made.room()

    assert (room.others[A], room.urgent[A]) == (0, 4)
