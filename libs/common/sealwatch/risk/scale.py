"""Probabilities of harm as an index: the matrix decides, the index ranks inside its level."""

from collections.abc import Sequence
from math import expm1, fsum, log1p, log10

from sealwatch.risk.matrix import CERTAIN, level_at
from sealwatch.risk.policy import Level, Matrix

BAND = 25.0  # points of a level, and of a tenfold expected harm


def index_of(p: float, severity: int, matrix: Matrix) -> float:
    """Return the index in 0..100 of a probability of harm."""
    return placed(unclipped(p, severity), level_at(p, severity, matrix))


def placed(x: float | None, level: Level) -> float:
    """Return the index of an order of magnitude, clipped into the closed band of its level."""
    floor = BAND * (level - 1)
    return floor if x is None else min(max(BAND * (3 + x), floor), floor + BAND)


def unclipped(p: float, severity: int) -> float | None:
    """Return the order of magnitude of the expected harm, for ranking; none where p is 0."""
    if p <= 0:
        return None
    return log10(p) + severity if severity > 1 else log10(p)


def either(several: Sequence[float]) -> float:
    """Return the probability that at least one of independent causes harms; one alone is itself."""
    if len(several) == 1:
        return several[0]
    if max(several) >= CERTAIN:
        return CERTAIN
    return -expm1(fsum(log1p(-p) for p in several)) + 0.0  # of none that harms 0, not -0
