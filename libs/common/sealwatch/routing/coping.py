"""What a level asks of people: the actions of the policy's coping strategy, each with its day."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Coping

SPAN = re.compile(r"(?:within )?(\d{1,4}) (minute|hour|day|week)s?", re.ASCII)
LENGTHS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
AT_ONCE = "at once"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to be done because a product reached a level; ``position`` counts from 1."""

    action_id: bytes
    position: int
    action: str
    owner: str
    deadline: str
    due_at: datetime | None


def due_at(deadline: str, reached_at: datetime) -> datetime | None:
    """Return when a deadline ends: "at once", "7 days" and the like; None where the text sets no day."""
    said = deadline.strip().lower()
    if said == AT_ONCE:
        return reached_at
    found = SPAN.fullmatch(said)
    return reached_at + int(found[1]) * LENGTHS[found[2]] if found else None


def actions_of(change: LevelChanged, notice_id: bytes, strategy: Coping | None) -> list[Action]:
    """Return what the level that a change reached asks for; the same change always asks for the same."""
    if strategy is None:
        return []
    due = due_at(strategy.deadline, datetime.fromisoformat(change.changed_at))
    return [
        Action(
            derived_uid("action", notice_id.hex(), str(position)),
            position,
            action,
            strategy.owner,
            strategy.deadline,
            due,
        )
        for position, action in enumerate(strategy.actions, 1)
    ]
