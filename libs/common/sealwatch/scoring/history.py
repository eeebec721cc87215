"""One product's stored events walked again, to what was known of it at an instant. Pure.

The walk is the scorer's own: the same events in the recorded order, the same sweeps and adoptions at the
midnights between them, each event under the policy of its day. Where the scorer cut its polls does not
matter, so a day is one poll here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import decode
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import Said
from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Arrival, Change, Kept, Known, Stone, Target, Walked, target_of, walk
from sealwatch.scoring.sweep import midnight_after, sweep

DAY = timedelta(days=1)
PolicyOn = Callable[[date], Policy]


class Recorded(NamedTuple):
    """An event as it was kept, with its instant: the running maximum of append times, in milliseconds."""

    record: Received
    instant_ms: int


class Past(NamedTuple):
    """A product as it was known: the policy and instant (Unix seconds) of its newest assessment.

    ``kept`` holds its events with what they said and who had taken them back; ``changes`` is every
    change of its level in force up to then.
    """

    product: Product
    policy: Policy
    at: int
    kept: Sequence[Kept]
    changes: Sequence[Change]


def walked_again(recorded: Iterable[Recorded], policy_on: PolicyOn, until_ms: int) -> Past | None:
    """Return the product of these events as the scorer held it at an instant; None before the first one.

    ``recorded`` are all events of one product that were scored. Sweeps count as done at their midnight.
    """
    ordered = sorted(recorded, key=lambda one: (one.instant_ms, one.record.offset))
    known = [one for one in ordered if one.instant_ms <= until_ms]
    if not known:
        return None
    again = _Again(policy_on, _day_of(known[0].instant_ms))
    for day, events in groupby(known, lambda one: _day_of(one.instant_ms)):
        again.sweep_before(day)
        again.hear([_arrival(one) for one in events])
    again.sweep_before(_day_of(until_ms))
    return again.past


def _day_of(instant_ms: int) -> date:
    return datetime.fromtimestamp(instant_ms / 1000, UTC).date()


def _arrival(one: Recorded) -> Arrival:
    event = decode(one.record)
    return Arrival(event, one.record, b"", one.instant_ms)


class _Again:
    """A walk under way: at the start of ``day``, with everything that was said before it."""

    def __init__(self, policy_on: PolicyOn, day: date) -> None:
        self._policy_on, self._day = policy_on, day
        self._products: dict[str, Product] = {}
        self._kept: dict[bytes, Kept] = {}
        self._tombstones: dict[bytes, list[Stone]] = {}
        self._changes: list[Change] = []
        self._at = 0
        self._assessed_by = policy_on(day)

    @property
    def past(self) -> Past:
        [product] = self._products.values()
        return Past(product, self._assessed_by, self._at, list(self._kept.values()), self._changes)

    def hear(self, arrivals: Sequence[Arrival]) -> None:
        """Walk the events of the day."""
        policy = self._policy_on(self._day)
        walked = walk(self._known(arrivals), arrivals, policy)
        self._products |= walked.products
        self._changes += walked.changes
        self._note(walked)
        self._assessed(arrivals[-1].at, policy)

    def sweep_before(self, day: date) -> None:
        """Sweep every day that ended before ``day`` begins, or adopt the policy that begins after it."""
        while self._day < day:
            before, policy = self._policy_on(self._day), self._policy_on(self._day + DAY)
            if policy is before:
                found, changes = sweep(self._products.values(), self._day, self._day, policy)
            else:
                found, changes = redecided(list(self._products.values()), self._day, policy)
            if found:
                self._assessed(midnight_after(self._day), policy)
            self._products |= {product.product_id: product for product in found}
            self._changes += changes
            self._day += DAY

    def _assessed(self, at: int, policy: Policy) -> None:
        self._at, self._assessed_by = at, policy

    def _known(self, arrivals: Sequence[Arrival]) -> Known:
        """Return what the store would know; what was folded only where something is taken back."""
        named = {uid for arrival in arrivals if (uid := target_of(arrival.event)) is not None}
        if not named:
            return Known(self._products, tombstones=self._tombstones)
        targets = {uid: _target(uid, self._kept[uid]) for uid in named & self._kept.keys()}
        folded = {uid: kept.folded for uid, kept in self._kept.items() if kept.retracted_by is None}
        said: Mapping[str, Mapping[bytes, tuple[Said, ...]]] = dict.fromkeys(self._products, folded)
        return Known(self._products, targets, self._tombstones, said)

    def _note(self, walked: Walked) -> None:
        self._kept |= walked.kept
        for uid, by in walked.retracted.items():
            self._kept[uid].retracted_by = by
        for uid, stones in walked.tombstones.items():
            self._tombstones.setdefault(uid, []).extend(stones)


def _target(uid: bytes, kept: Kept) -> Target:
    return Target(uid, kept.arrival.event.product_id, kept.folded, kept.retracted_by is not None)
