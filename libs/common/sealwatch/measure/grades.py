"""Grades of experts and audits as failures of trials, by a table that is policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Counted(NamedTuple):
    """So many failures of so many trials."""

    failures: float
    trials: float


@dataclass(frozen=True, slots=True)
class Grades:
    """What each grade counts as; ``source`` says who set the numbers."""

    table: Mapping[str, Counted]
    source: str

    def __post_init__(self) -> None:
        """Refuse a grade with more failures than trials, or without a trial."""
        for grade, (failures, trials) in self.table.items():
            if not 0 <= failures <= trials or not trials > 0:
                raise ValueError(f"grade {grade}: {failures} failures of {trials} trials cannot be")

    def counted(self, grade: str) -> Counted | None:
        """Return what a grade counts as, None for one that the table does not know."""
        return self.table.get(grade)
