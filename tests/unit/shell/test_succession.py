from copy import deepcopy
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.shell.policy_documents import load_version
from sealwatch.shell.succession import differences, in_force, objections

DOCUMENT = load_version().document
FIRST = date(2026, 3, 1)


class Entry(NamedTuple):
    effective_from: date
    publication: int


ENTRIES = st.lists(
    st.builds(Entry, st.dates(FIRST, FIRST + timedelta(days=9)), st.integers(0, 9)),
    unique_by=lambda e: e.publication,
)
DAYS = st.dates(FIRST - timedelta(days=2), FIRST + timedelta(days=11))


def changed(path, value):
    """Return the shipped document with another value at a path."""
    document = deepcopy(DOCUMENT)
    *steps, last = path.strip("/").split("/")
    part = document
    for step in steps:
        part = part[int(step)] if isinstance(part, list | tuple) else part[step]
    part[last] = value
    return document


@given(ENTRIES, DAYS)
def test_what_is_in_force_is_effective_and_nothing_newer_is(entries, day):
    chosen = in_force(entries, day)

    effective = [one for one in entries if one.effective_from <= day]
    assert (chosen is None) == (not effective)
    assert all(tuple(chosen) >= tuple(one) for one in effective)


@given(ENTRIES, st.randoms(), DAYS)
def test_what_is_in_force_does_not_depend_on_the_order_of_reading(entries, random, day):
    shuffled = entries[:]
    random.shuffle(shuffled)

    assert in_force(shuffled, day) == in_force(entries, day)


@given(ENTRIES, DAYS)
def test_a_version_for_tomorrow_changes_nothing_today(entries, day):
    tomorrow = Entry(day + timedelta(days=1), 10)

    assert in_force([*entries, tomorrow], day) == in_force(entries, day)
    assert in_force([*entries, tomorrow], tomorrow.effective_from) == tomorrow


@pytest.mark.parametrize(
    ("path", "value", "effect"),
    [
        ("/factors/COPY/half_life_days", 90, "rescoring"),
        ("/factors/NEW", {"name": "new", "half_life_days": 90}, "rescoring"),
        ("/sources/drone", {"weight": 0.5, "opinion": False}, "rescoring"),
        ("/quality/unaccredited", 0.4, "rescoring"),
        ("/grades/table/B/failures", 0.2, "rescoring"),
        ("/grades/source", "Order 12", "text"),
        ("/sources/web/planned", True, "sweep"),
        ("/sources/drone", {"weight": 0.5, "targeted_of": "monitoring_point"}, "rescoring"),
        ("/sources/local_spot_check_targeted/targeted_of", "monitoring_point", "rescoring"),
        ("/sources/local_spot_check_targeted/weight", 0.5, "sweep"),
        ("/sampling", None, "rescoring"),
        ("/sampling/source", "Order 12", "text"),
        ("/goods/unknown_severity", 4, "rescoring"),
        ("/sources/web/weight", 0.2, "sweep"),
        ("/priors/usual/mean", 0.05, "sweep"),
        ("/levels/fall_after_days", 7, "sweep"),
        ("/goods/severities/tea", 3, "described"),
        ("/goods/severities/food", 4, "described"),
        ("/scenarios/0/severity", 2, "sweep"),
        ("/matrix/confirmed_by", "A. Person", "text"),
        ("/factors/COPY/name", "copies", "text"),
        ("/coping/low/owner", "nobody", "text"),
        ("/effective_from", "2027-01-01", "text"),
    ],
)
def test_a_difference_says_what_it_takes_to_have_its_effect(path, value, effect):
    [change] = differences(DOCUMENT, changed(path, value))

    assert (change.path, change.new, change.effect) == (path, value, effect)


def test_a_document_does_not_differ_from_itself():
    assert differences(DOCUMENT, deepcopy(DOCUMENT)) == []


def test_rows_are_compared_cell_by_cell():
    other = deepcopy(DOCUMENT)
    other["matrix"]["rows"][3][1] = "medium"

    [change] = differences(DOCUMENT, other)

    assert (change.path, change.old, change.new) == ("/matrix/rows/3/1", "high", "medium")


def test_another_planned_mode_is_adopted_by_scoring_anew_only():
    other = changed("/sampling/planned_modes", ["daily", "special"])

    assert [fault.path for fault in objections(DOCUMENT, other)] == ["/sampling/planned_modes/1"]


def test_a_step_more_or_less_is_a_difference_at_its_own_path():
    other = deepcopy(DOCUMENT)
    del other["scenarios"][1]["steps"]["suspicion is right"]

    [change] = differences(DOCUMENT, other)

    assert (change.path, change.old, change.new) == ("/scenarios/1/steps/suspicion is right", 0.3, None)


def test_other_weights_are_adopted_and_other_half_lives_are_not():
    adopted = objections(DOCUMENT, changed("/sources/web/weight", 0.2))
    refused = objections(DOCUMENT, changed("/factors/COPY/half_life_days", 90))

    assert adopted == []
    assert [fault.path for fault in refused] == ["/factors/COPY/half_life_days"]
