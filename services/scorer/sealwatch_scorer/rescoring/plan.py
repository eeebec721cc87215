"""What a rescoring is asked for, where it ends, and how far it has come. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sealwatch.contracts.log import Event, EvidenceRetracted
from sealwatch_scorer.batch import day_of

DAY = timedelta(days=1)
LAST = 2**31 - 1, 2**63 - 1  # of an instant: no partition and no offset comes after these


class Cursor(NamedTuple):
    """A place in the order of all events: by instant, and among those of one instant by these two."""

    instant: datetime
    partition: int
    offset: int


BEGINNING = Cursor(datetime(1970, 1, 1, tzinfo=UTC), -1, -1)


class Bound(NamedTuple):
    """Where live scoring stood in a partition when the rescoring was begun."""

    next_offset: int
    instant_ms: int
    swept_through: date | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: two wishes that are equal lead to the same states.

    ``policy_version`` None means the versions that were in force, day by day. ``known_at`` leaves out what
    was recorded after it; ``as_of`` what happened after it, so that what became known late still counts.
    """

    policy_version: str | None
    digest: str
    known_at: datetime | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Which events of some partitions enter, and through which day each is swept."""

    bounds: Mapping[int, Bound]
    known_at: datetime | None = None
    as_of: datetime | None = None

    @property
    def as_of_ms(self) -> int | None:
        """Return the instant that no event of the walk is later than, None without one."""
        return None if self.as_of is None else in_ms(self.as_of)

    @property
    def last_ms(self) -> int:
        """Return the instant after which no event enters."""
        newest = max((bound.instant_ms for bound in self.bounds.values()), default=0)
        return newest if self.known_at is None else min(newest, in_ms(self.known_at))

    @property
    def surely_ms(self) -> int:
        """Return the instant before which every event enters."""
        return min((bound.instant_ms for bound in self.bounds.values()), default=0)

    def enters(self, partition: int, instant_ms: int, offset: int) -> bool:
        """Return whether live scoring had an event when the rescoring was begun."""
        bound = self.bounds[partition]
        return (instant_ms, offset) < (bound.instant_ms, bound.next_offset)

    def swept_through(self, partition: int) -> date | None:
        """Return the last day whose sweep a partition is to see: as live scoring, or before an instant."""
        if self.known_at is None and self.as_of is None:
            return self.bounds[partition].swept_through
        instants = [at for at in (self.known_at, self.as_of) if at is not None]
        return day_of(in_ms(min(instants))) - DAY


def happened(event: Event, as_of_ms: int | None) -> bool:
    """Return whether an event counts for an instant; a retraction always does, since it is knowledge."""
    if as_of_ms is None or isinstance(event.body, EvidenceRetracted):
        return True
    return event.occurred_at * 1000 <= as_of_ms


def in_ms(at: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def lane_of(partition: int, lanes: int) -> int:
    """Return which lane walks a partition."""
    return partition % lanes
