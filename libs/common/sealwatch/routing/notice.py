"""Whether a level change is news at all, and why or why not; the reason is stored either way."""

from dataclasses import dataclass
from enum import StrEnum

from sealwatch.contracts.risk import LevelChanged

RANK = {"not_assessed": 0, "low": 1, "medium": 2, "high": 3, "serious": 4}
HIGH, SERIOUS = RANK["high"], RANK["serious"]


class Reason(StrEnum):
    """Why a notice is told or kept quiet."""

    RAISED = "raised"
    LOWERED = "lowered"
    WITHDRAWN = "withdrawn"
    AT_START = "at_start_level"
    LATE = "an_older_change_that_arrived_late"


@dataclass(frozen=True, slots=True)
class Decision:
    """Tell or stay quiet, and the reason."""

    tell: bool
    reason: Reason


def decide(last_sequence: int | None, change: LevelChanged) -> Decision:
    """Return what to do about a change of a product whose newest heard change is ``last_sequence``.

    One to the top level is told always: who reads its sequence sees that it is older.
    """
    before, after = RANK[change.before], RANK[change.after]
    if after == SERIOUS:
        return Decision(tell=True, reason=Reason.RAISED)
    if last_sequence is not None and change.sequence < last_sequence:
        return Decision(tell=False, reason=Reason.LATE)
    if before == 0 and after <= RANK[change.start_level]:
        return Decision(tell=False, reason=Reason.AT_START)
    if after == 0:
        return Decision(tell=True, reason=Reason.WITHDRAWN)
    return Decision(tell=True, reason=Reason.RAISED if after > before else Reason.LOWERED)
