from datetime import timedelta

import pytest

from sealwatch_cli.local.crew import pause_after
from sealwatch_cli.local.words import last_words


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (3, 2), (7, 30), (5_000, 30)])
def test_the_pause_before_a_restart_doubles_up_to_half_a_minute(failures, seconds):
    assert pause_after(failures) == timedelta(seconds=seconds)


def test_the_last_words_of_a_silent_process_are_said_to_be_none(tmp_path):
    empty = tmp_path / "empty.log"
    empty.touch()

    assert last_words(tmp_path / "nothing.log") == last_words(empty) == "(it wrote nothing)"


def test_the_last_words_are_the_end_of_the_log(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("first\nsecond\nthird\n")

    assert last_words(log, lines=2) == "second\nthird"
