"""Reading the topic of level changes."""

from datetime import datetime

import pytest

from sealwatch.errors import UnreadableRecord
from sealwatch.routing.coping import due_at
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
        level_change()
        .model_copy(update={"changed_at": "9999-12-31T00:00:00+00:00"})
        .model_dump_json()
        .encode(),
        level_change()
        .model_copy(update={"changed_at": "9000-01-01T00:00:00+00:00"})
        .model_dump_json()
        .encode(),
        level_change()
        .model_copy(update={"changed_at": "0001-01-01T00:00:00+14:00"})
        .model_dump_json()
        .encode(),
        level_change()
        .model_copy(update={"changed_at": "1969-12-31T23:59:59+00:00"})
        .model_dump_json()
        .encode(),
        level_change().model_copy(update={"sequence": 2**31}).model_dump_json().encode(),
        level_change().model_copy(update={"category": "a\0b"}).model_dump_json().encode(),
    ],
)
def test_what_the_database_could_not_keep_is_unreadable(value):
    with pytest.raises(UnreadableRecord):
        change_of(value)


@pytest.mark.parametrize("word", ["minutes", "hours", "days", "weeks"])
@pytest.mark.parametrize("changed_at", ["8999-12-31T11:59:59-12:00", "1970-01-01T00:00:00+00:00"])
def test_the_longest_deadline_of_any_change_that_is_read_has_an_end(changed_at, word):
    reached = datetime.fromisoformat(changed_at)
    value = level_change().model_copy(update={"changed_at": changed_at}).model_dump_json().encode()

    change = change_of(value)

    assert due_at(f"9999 {word}", datetime.fromisoformat(change.changed_at)) > reached
