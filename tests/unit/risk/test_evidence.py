import pytest

from sealwatch.risk.decay import LANDMARK
from sealwatch.risk.evidence import evidence, incidents
from tests.unit.risk.given import DAY, NOON, counted, seen


def test_amounts_are_rounded_once_to_a_millionth():
    piece = evidence("STAB", "web", 1 / 3, 2 / 3, quality=0.5, at=NOON, half_life=DAY)

    assert (piece.failures_millionths, piece.trials_millionths) == (166667, 333333)


@pytest.mark.parametrize(
    ("failures", "trials", "quality"),
    [(2, 1, 1.0), (-1, 1, 1.0), (0, 1, 1.5), (0, 1, -0.1), (0, float("nan"), 1.0), (0, float("inf"), 1)],
)
def test_amounts_that_cannot_be_are_refused(failures, trials, quality):
    with pytest.raises(ValueError, match="cannot be"):
        evidence("COPY", "web", failures, trials, quality=quality, at=NOON, half_life=DAY)


@pytest.mark.parametrize(("at", "half_life"), [(LANDMARK - 1, DAY), (NOON, DAY - 1)])
def test_times_that_cannot_be_folded_are_refused(at, half_life):
    with pytest.raises(ValueError, match="cannot be folded"):
        evidence("COPY", "web", 0, 1, quality=1, at=at, half_life=half_life)


def test_incidents_are_counted_over_days():
    piece = incidents("INTG", "web", 2, 1 / 3, quality=0.5, at=NOON, half_life=DAY)

    assert (piece.failures_millionths, piece.trials_millionths) == (1_000_000, 166_667)
    assert piece.counted


@pytest.mark.parametrize(
    ("count", "days", "quality"),
    [(-1, 1, 1.0), (1, -1, 1.0), (1, float("inf"), 1.0), (float("nan"), 1, 1.0), (1, 1, 1.1)],
)
def test_incidents_that_cannot_be_are_refused(count, days, quality):
    with pytest.raises(ValueError, match="cannot be"):
        incidents("INTG", "web", count, days, quality=quality, at=NOON, half_life=DAY)


def test_incidents_of_times_that_cannot_be_folded_are_refused():
    with pytest.raises(ValueError, match="cannot be folded"):
        incidents("INTG", "web", 1, 1, quality=1, at=LANDMARK - 1, half_life=DAY)


@pytest.mark.parametrize(
    ("piece", "weighs"),
    [(seen(0, 1), True), (counted(1, 0), True), (counted(0, 9), True), (counted(0, 0), False)],
)
def test_what_has_any_amount_weighs(piece, weighs):
    assert piece.weighs is weighs
