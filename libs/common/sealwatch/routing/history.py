"""What was told before, as far as the next decision depends on it."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

Place = tuple[bytes, str]
"""A subscription and a product or an enterprise, or a silence and a product."""


@dataclass(frozen=True, slots=True)
class Told:
    """The newest change of a product that a subscription was told of."""

    after: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Gathering:
    """A message that is not on its way yet: what is added before it closes is listed in it."""

    delivery_id: bytes
    closes_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Return whether something may still be added."""
        return now < self.closes_at


@dataclass(frozen=True, slots=True)
class Pace:
    """When a subscription gets its messages: those of late, and those that gather."""

    told_at: tuple[datetime, ...] = ()
    group: Gathering | None = None
    digest: Gathering | None = None

    def since(self, then: datetime) -> tuple[datetime, ...]:
        """Return the messages of late, also those that are yet to close."""
        return tuple(at for at in self.told_at if at > then)

    def gathering(self, now: datetime) -> list[Gathering]:
        """Return the messages that may still gather."""
        return [one for one in (self.group, self.digest) if one is not None and one.is_open(now)]

    def with_only(self, able: AbstractSet[bytes]) -> "Pace":
        """Return this pace where only these messages gather."""
        group, digest = (
            one if one is not None and one.delivery_id in able else None for one in (self.group, self.digest)
        )
        return replace(self, group=group, digest=digest)


@dataclass(frozen=True, slots=True)
class Standing:
    """That an enterprise as a whole was told of: by which notice, at which level, until when it counts."""

    notice_id: bytes
    level: int
    until: datetime


@dataclass(slots=True)
class History:
    """What was told, by subscription: of products, of enterprises, and of late.

    ``grave`` has the products of an enterprise that were told of at High or above, each with the
    instant; ``standing`` the notices of enterprises. ``silenced`` has the products that each silence kept
    quiet, of those that are asked about; ``newly`` counts those that it had not kept quiet before.
    """

    told: dict[Place, Told] = field(default_factory=dict)
    paces: dict[bytes, Pace] = field(default_factory=dict)
    grave: dict[Place, dict[str, datetime]] = field(default_factory=dict)
    standing: dict[Place, Standing] = field(default_factory=dict)
    silenced: set[Place] = field(default_factory=set)
    newly: Counter[bytes] = field(default_factory=Counter)

    def pace(self, subscription_id: bytes) -> Pace:
        """Return how a subscription was told of late."""
        return self.paces.get(subscription_id, QUIET)

    def silence(self, silence_id: bytes, product_id: str) -> None:
        """Keep that a silence kept a product quiet, which counts once."""
        if (silence_id, product_id) not in self.silenced:
            self.silenced.add((silence_id, product_id))
            self.newly[silence_id] += 1

    def grave_products(self, place: Place, since: datetime) -> Mapping[str, datetime]:
        """Return the products of an enterprise that were told of at High or above since then."""
        return {name: at for name, at in self.grave.get(place, {}).items() if at > since}


QUIET = Pace()


def spacing(window: timedelta, share: int) -> tuple[int, timedelta]:
    """Return how many messages go out singly in a window, and how long those after them gather.

    With ``share`` messages a window: half go out one by one, at least one, the others close a spacing
    apart, so that no window of that length, wherever it begins, holds more than ``share``.
    """
    singly = max(1, share // 2)
    return singly, window / max(1, share - singly)
