"""Floors: what failed a compulsory national standard stays high until a later sample passes.

Per indicator of a standard the newest failed and the newest passed sampling date decide, so the
order of arrival does not matter. A maximum cannot be taken back: after a retraction the dates are
worked out again from the checks of the events that are left.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sealwatch.risk.once import shared
from sealwatch.risk.policy import Level, Thresholds

DAY = 86_400
NEVER = 0

Clause = tuple[str, str]
"""A compulsory national standard and the indicator that was checked against it."""

Dates = tuple[int, int]
"""Newest failed and newest passed sampling date, in Unix seconds; ``NEVER`` where there is none."""

Floors = dict[Clause, Dates]


class Check(NamedTuple):
    """One verdict on an indicator of a compulsory national standard; ``at`` is when it was sampled."""

    standard: str
    indicator: str
    at: int
    failed: bool

    @property
    def weighs(self) -> bool:
        """Return True: a verdict on a compulsory standard always says something."""
        return True


def noted(floors: Floors, check: Check) -> Floors:
    """Return the dates with one more check; kept sorted, so that equal dates are equal bytes."""
    clause = (check.standard, check.indicator)
    known = floors.get(clause)
    failed, passed = known or (NEVER, NEVER)
    if check.failed:
        failed = max(failed, check.at)
    else:
        passed = max(passed, check.at)
    if known == (failed, passed):
        return floors
    changed = {**floors, shared(clause): (failed, passed)}
    return changed if known else dict(sorted(changed.items()))


def floors_of(checks: Iterable[Check]) -> Floors:
    """Return the dates that these checks leave, whatever their order."""
    newest: Floors = {}
    for check in checks:
        newest = noted(newest, check)
    return newest


def open_floors(floors: Floors, at: int, limits: Thresholds) -> list[Clause]:
    """Return what failed within the freshness limit and has passed no later sample."""
    oldest = at - limits.fresh_days * DAY
    return [clause for clause, (failed, passed) in floors.items() if failed >= max(passed, oldest)]


def floor_at(floors: Floors, at: int, limits: Thresholds) -> Level:
    """Return the level below which a product must not be at this instant."""
    oldest = at - limits.fresh_days * DAY
    for failed, passed in floors.values():
        if failed and failed >= passed and failed >= oldest:  # as in open_floors, for every event
            return limits.floor
    return Level.NOT_ASSESSED
