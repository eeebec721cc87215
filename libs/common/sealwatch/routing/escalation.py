"""Who is told next of a warning that nobody acknowledges: first the office again, then the offices above it.

The clock is an argument, and so is what was done before: the same chain at the same instant always
asks for the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sealwatch.contracts.risk import LevelChanged
from sealwatch.routing.notice import HIGH, RANK, SERIOUS


class Kind(StrEnum):
    """What a step does; ``UNREACHABLE`` records an office that has nothing to be told by."""

    REMINDER = "reminder"
    ESCALATED = "escalated"
    UNREACHABLE = "unreachable"


class End(StrEnum):
    """Why a chain needs no further step."""

    ACKNOWLEDGED = "acknowledged"
    OVERTAKEN = "overtaken"
    TOP = "top_was_told"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an office has before it is reminded, and each office after that before the next is told."""

    remind_after: timedelta
    climb_after: timedelta


DEADLINES: Mapping[int, Patience] = {
    SERIOUS: Patience(timedelta(minutes=15), timedelta(minutes=15)),
    HIGH: Patience(timedelta(hours=4), timedelta(hours=4)),
}
"""By the level that was reached, where an organisation has set nothing else; others need no acknowledgement.

Ours: a coping deadline is for the deed.
"""


@dataclass(frozen=True, slots=True)
class Rung:
    """An office of the ladder, and whether there is a way to tell it."""

    office: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """A warning as one office was told of it.

    ``ladder`` begins with that office; ``made`` names the offices that steps were made for;
    ``last_at`` is when it was told first, or the newest step made; ``level_now`` is the newest
    level that the product was heard to have.
    """

    level: int
    last_at: datetime
    ladder: Sequence[Rung]
    made: Sequence[str] = ()
    acknowledged_at: datetime | None = None
    level_now: int = SERIOUS


@dataclass(frozen=True, slots=True)
class Step:
    """One office, and what is done about it."""

    kind: Kind
    office: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done now; without ``next_at`` the chain has ended, and ``end`` says why."""

    steps: tuple[Step, ...] = ()
    next_at: datetime | None = None
    end: End | None = None


def asks(change: LevelChanged, rules: Mapping[int, Patience] = DEADLINES) -> bool:
    """Return whether a change must be acknowledged: a rise to a level that has a deadline."""
    return RANK[change.after] in rules and RANK[change.after] > RANK[change.before]


def due(now: datetime, chain: Chain, rules: Mapping[int, Patience] = DEADLINES) -> Deed:
    """Return the steps that are due now, and when to look again.

    Each pause counts from the step before as it was made, so that after an outage the offices above
    are not all told at once. Offices that cannot be told take no time.
    """
    if chain.acknowledged_at is not None and chain.acknowledged_at <= now:
        return Deed(end=End.ACKNOWLEDGED)
    if chain.level not in rules or chain.level_now not in rules:
        return Deed(end=End.OVERTAKEN)
    patience = rules[chain.level]
    at = chain.last_at + (patience.climb_after if chain.made else patience.remind_after)
    if now < at:
        return Deed(next_at=at)
    steps, left = _climb([rung for rung in chain.ladder if rung.office not in chain.made], chain.ladder)
    more = any(rung.reachable for rung in left)
    return Deed(steps, now + patience.climb_after if more else None, None if more else End.TOP)


def _climb(left: Sequence[Rung], ladder: Sequence[Rung]) -> tuple[tuple[Step, ...], Sequence[Rung]]:
    """Return the steps to the first office that can be told, and the rungs beyond it."""
    steps: list[Step] = []
    for position, rung in enumerate(left):
        if rung.reachable:
            kind = Kind.REMINDER if rung.office == ladder[0].office else Kind.ESCALATED
            return (*steps, Step(kind, rung.office)), left[position + 1 :]
        steps.append(Step(Kind.UNREACHABLE, rung.office))
    return tuple(steps), ()
