"""A cursor holds for one list of one organisation under the same filters, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch_api.cursor import binding, position_of, sign
from sealwatch_api.problems import Declined

KEY = b"k" * 32
BOUND = binding("centre", "products", {"category": "a"})


@given(st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_a_cursor_gives_back_its_position(position):
    assert position_of(KEY, BOUND, sign(KEY, BOUND, position)) == tuple(position)


@pytest.mark.parametrize(
    "other",
    [
        binding("elsewhere", "products", {"category": "a"}),
        binding("centre", "keys", {"category": "a"}),
        binding("centre", "products", {"category": "b"}),
        binding("centre", "products", {}),
    ],
)
def test_a_cursor_of_something_else_is_refused(other):
    cursor = sign(KEY, BOUND, ["P1"])

    with pytest.raises(Declined, match="bad_cursor"):
        position_of(KEY, other, cursor)


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(text):
    with pytest.raises(Declined, match="bad_cursor"):
        position_of(KEY, BOUND, text)


def test_a_cursor_of_another_key_is_refused():
    cursor = sign(b"x" * 32, BOUND, ["P1"])

    with pytest.raises(Declined, match="bad_cursor"):
        position_of(KEY, BOUND, cursor)
