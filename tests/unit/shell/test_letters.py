import pytest

from sealwatch.errors import Halted
from sealwatch.shell.letters import LETTER_SECONDS, MOST_LETTERS, Flood


def test_letters_of_a_minute_are_borne_up_to_a_thousand():
    flood = Flood()
    flood.count(MOST_LETTERS, 100.0)

    with pytest.raises(Halted):
        flood.count(1, 100.0 + LETTER_SECONDS)


def test_letters_of_an_earlier_minute_are_forgotten():
    flood = Flood()
    flood.count(MOST_LETTERS, 100.0)

    flood.count(MOST_LETTERS, 100.1 + LETTER_SECONDS)

    with pytest.raises(Halted):
        flood.count(1, 100.2 + LETTER_SECONDS)
