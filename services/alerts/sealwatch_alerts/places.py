"""How many attempts an endpoint gets at a time, and how many deliveries are claimed for it."""

from collections import Counter
from datetime import timedelta

from sealwatch_alerts.store import Due, Room

MOST_AT_ONCE = 1_000
QUICK = timedelta(milliseconds=250)  # 32 such answers before what is claimed ahead take 8 s; ours
KEPT_FREE = 10  # one of so many places more is kept for the top level, where all are taken; ours


class Places:
    """What is under way or claimed, by endpoint, and what its last attempts allow.

    An endpoint whose last attempt failed gets one attempt at a time, so that dead ones together
    hold few of the places that all share. After each answer it gets twice as many, ``each`` at most. One
    that answered quickly has ``ahead`` times as many claimed for it as are under way: else what it gets
    would be bound by how often we claim. Beyond all that there is some room for what is at the top level.
    """

    def __init__(self, each: int = 4, ahead: int = 1, most: int = MOST_AT_ONCE) -> None:
        """Begin with nothing known of any endpoint."""
        self.each, self.ahead, self.most = each, ahead, most
        self.busy: Counter[bytes] = Counter()
        self.failing: set[bytes] = set()
        self._quick: set[bytes] = set()
        self._widths: dict[bytes, int] = {}

    def room(self) -> Room:
        """Return what may be claimed; where all places are taken, some of the top level."""
        known = self.failing | set(self._widths) | set(self.busy)
        left = self.most - self.busy.total()
        others = {one: self.limit(one) - self.busy[one] if left > 0 else 0 for one in known}
        urgent = {one: self.limit(one) + self._spare(one) - self.busy[one] for one in known}
        if left > 0:
            return Room(left, 1, others, urgent)
        return Room(left + max(1, self.most // KEPT_FREE), 0, others, urgent, spare=1)

    def limit(self, one: bytes) -> int:
        """Return how many are claimed for an endpoint, besides those of the top level."""
        return self.width(one) * (self.ahead if one in self._quick else 1)

    def width(self, one: bytes) -> int:
        """Return how many attempts it gets at a time."""
        return 1 if one in self.failing else self._widths.get(one, 1)

    def _spare(self, one: bytes) -> int:
        """Return how many of the top level are claimed for it beyond all others."""
        return 1 if one in self.failing else self.each

    def is_beyond_a_probe(self, due: Due) -> bool:
        """Return whether an endpoint that fails has others under way already."""
        one = due.subscription_id
        return one in self.failing and self.busy[one] > (1 + self._spare(one) if due.urgent else 1)

    def learn(self, one: bytes, *, delivered: bool, took: timedelta) -> None:
        """Give an endpoint that answers twice as many places, and one that does not a single one again."""
        (self._quick.add if delivered and took < QUICK else self._quick.discard)(one)
        if not delivered:
            self.failing.add(one)
            self._widths.pop(one, None)
            return
        self.failing.discard(one)
        self._widths[one] = min(self.each, 2 * self._widths.get(one, 1))

    def free(self, one: bytes) -> None:
        """Give a place back."""
        self.busy[one] -= 1
        if not self.busy[one]:
            del self.busy[one]
