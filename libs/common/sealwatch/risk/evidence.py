"""What any source says about a product, reduced to one shape."""

from functools import lru_cache
from math import inf
from typing import NamedTuple

from sealwatch.risk.decay import LANDMARK, MILLION, SHORTEST_HALF_LIFE


class Evidence(NamedTuple):
    """Failures of so many trials of one factor, as they are folded and as they are retracted.

    Amounts are whole millionths with the quality already in them; times are whole Unix seconds.
    The half-life is recorded so that a retraction takes away what was added. Where ``counted``,
    failures are incidents and the second amount is the exposure they were counted over, in
    millionths of a day.
    """

    factor: str
    source_class: str
    failures_millionths: int
    trials_millionths: int
    at: int
    half_life: int
    counted: bool = False

    @property
    def weighs(self) -> bool:
        """Return whether it adds anything: evidence of quality 0 is kept and counts for nothing."""
        return self.trials_millionths > 0 or self.failures_millionths > 0

    @property
    def failed(self) -> bool:
        """Return whether anything failed."""
        return self.failures_millionths > 0


def evidence(  # noqa: PLR0913  the six facts of one observation; four of them by name only
    factor: str,
    source_class: str,
    failures: float,
    trials: float,
    *,
    quality: float,
    at: int,
    half_life: int,
) -> Evidence:
    """Return evidence whose two amounts were each rounded once, to a millionth."""
    failed, tried = _millionths(failures, trials, quality)
    if at < LANDMARK or half_life < SHORTEST_HALF_LIFE:
        raise ValueError(f"time {at} or half-life {half_life} s cannot be folded")
    return Evidence(factor, source_class, failed, tried, at, half_life)


@lru_cache(maxsize=4096)  # mostly one trial, passed or failed
def _millionths(failures: float, trials: float, quality: float) -> tuple[int, int]:
    if not 0 <= failures <= trials < inf or not 0 <= quality <= 1:
        raise ValueError(f"{failures} failures of {trials} at quality {quality} cannot be")
    return round(failures * quality * MILLION), round(trials * quality * MILLION)


def incidents(  # noqa: PLR0913  the six facts of one observation; four of them by name only
    factor: str,
    source_class: str,
    count: float,
    days: float,
    *,
    quality: float,
    at: int,
    half_life: int,
) -> Evidence:
    """Return evidence of so many incidents counted over so many days of exposure."""
    if not 0 <= count < inf or not 0 <= days < inf or not 0 <= quality <= 1:
        raise ValueError(f"{count} incidents in {days} days at quality {quality} cannot be")
    if at < LANDMARK or half_life < SHORTEST_HALF_LIFE:
        raise ValueError(f"time {at} or half-life {half_life} s cannot be folded")
    seen, exposed = round(count * quality * MILLION), round(days * quality * MILLION)
    return Evidence(factor, source_class, seen, exposed, at, half_life, counted=True)
