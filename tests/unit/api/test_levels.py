from datetime import UTC, datetime, timedelta

import pytest

from sealwatch.risk.policy import Level
from sealwatch.scoring.product import Override, Product
from sealwatch_api.levels import level_in_force, override_of, past_override_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(until, **parts):
    said = {"override_reason": "seen", "override_recorded_at": NOW, "override_recorded_by": "centre/duty"}
    known = {"product_id": "P1", "level": 2, "override_level": 4, "override_revision": 1}
    return known | said | {"override_until": until} | parts


@pytest.mark.parametrize(
    ("until", "level"),
    [(None, Level.MEDIUM), (NOW + timedelta(seconds=1), Level.SERIOUS), (NOW, Level.MEDIUM)],
)
def test_a_word_is_in_force_until_its_end_also_before_the_sweep_that_removes_it(until, level):
    assert level_in_force(row(until), NOW) is level


def test_a_product_nobody_scored_is_not_assessed():
    assert level_in_force(row(None, level=None), NOW) is Level.NOT_ASSESSED


@pytest.mark.parametrize(("seconds", "in_force"), [(1, True), (0, False)])
def test_an_expired_word_is_shown_as_not_in_force(seconds, in_force):
    assert override_of(row(NOW + timedelta(seconds=seconds)), NOW).in_force is in_force


def test_a_word_of_another_registry_is_shown_without_who_said_it():
    product = Product("P1", 0, override=Override(Level.HIGH, int(NOW.timestamp()) + 9), override_revision=3)

    found = past_override_of(product, None, NOW)

    assert (found.level, found.revision, found.in_force, found.recorded_by) == ("high", 3, True, None)
