"""Reading the topic of level changes."""

import pytest

from sealwatch.errors import UnreadableRecord
from sealwatch_alerts.changes import change_of
from tests.factories import level_change


def test_a_change_is_read_as_it_was_written():
    change = level_change()

    assert change_of(change.model_dump_json().encode()) == change


def test_fields_of_a_later_version_do_no_harm():
    value = level_change(added_later="x").model_dump_json().encode()

    assert change_of(value).sequence == 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"nonsense",
        b"{}",
        level_change().model_copy(update={"uid": "no uid"}).model_dump_json().encode(),
        level_change().model_copy(update={"changed_at": "yesterday"}).model_dump_json().encode(),
        level_change().model_copy(update={"changed_at": "2026-03-01T12:00:00"}).model_dump_json().encode(),
        level_change().model_copy(update={"sequence": 2**31}).model_dump_json().encode(),
        level_change().model_copy(update={"category": "a\0b"}).model_dump_json().encode(),
    ],
)
def test_what_the_database_could_not_keep_is_unreadable(value):
    with pytest.raises(UnreadableRecord):
        change_of(value)
