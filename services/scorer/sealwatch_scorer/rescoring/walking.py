"""Products in memory, taken through events and midnights by the steps of live scoring. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sealwatch.risk.policy import Policy
from sealwatch.risk.state import Said
from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import NO_EVENT, Arrival, Known, Stones, Target, target_of, walk
from sealwatch.scoring.sweep import midnight_after, sweep
from sealwatch_scorer.policies import Span
from sealwatch_scorer.rows import Settled, settled

Order = tuple[int, int]


class Stored(NamedTuple):
    """A stored event, who took it back if anybody ever did, and whether its month was dropped."""

    arrival: Arrival
    retracted_by: bytes | None
    kept: bool = False


class Touch(NamedTuple):
    """The last event or sweep that touched a product, and the policy of that day."""

    at: int
    event_uid: bytes
    policy: Policy


class Pending(NamedTuple):
    """A product to be saved, ranked as of its last event or sweep by the policy of that day."""

    done: Settled
    policy: Policy


class Walk:
    """The products of one lane, and which of them were touched since they were last saved."""

    def __init__(self, products: Iterable[Product], stones: Stones) -> None:
        """Begin with what was saved; ``stones`` are the retractions that came before their events."""
        self.products = {product.product_id: product for product in products}
        self._stones = stones
        self._touched: dict[str, Touch] = {}
        self.events = self.changes = 0

    def hear(self, arrivals: Sequence[Arrival], history: Iterable[Stored], policy: Policy) -> None:
        """Take these events, of one day, in recorded order.

        ``history`` is every stored event of the products that a retraction among them names.
        """
        targets, folded = _past(arrivals, history, policy)
        walked = walk(Known(self.products, targets, self._stones, folded), arrivals, policy)
        self.products |= walked.products
        self._touched |= {id_: Touch(last.at, last.event.uid, policy) for id_, last in walked.last.items()}
        self.events += len(arrivals)
        self.changes += len(walked.changes)

    def sweep(self, span: Span, partitions: Collection[int]) -> None:
        """Let a day end for the products of these partitions; a policy that begins is adopted."""
        day, policy = span.through, span.policy
        held = [product for product in self.products.values() if product.partition in partitions]
        if span.adopts:
            found, changes = redecided(held, day, policy)
        else:
            found, changes = sweep(held, day, day, policy)
        touch = Touch(midnight_after(day), NO_EVENT, policy)
        self.products |= {product.product_id: product for product in found}
        self._touched |= {product.product_id: touch for product in found}
        self.changes += len(changes)

    def pending(self) -> list[Pending]:
        """Return what must be saved, and count it as saved."""
        touched, self._touched = self._touched, {}
        return [
            Pending(settled(self.products[id_], policy, at, uid), policy)
            for id_, (at, uid, policy) in touched.items()
        ]


def days_between(first: date, last: date) -> list[date]:
    """Return the days from ``first`` to ``last``, none when that is earlier."""
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]


def _past(
    arrivals: Sequence[Arrival], history: Iterable[Stored], policy: Policy
) -> tuple[dict[bytes, Target], dict[str, dict[bytes, tuple[Said, ...]]]]:
    """Return what live scoring found in the store before these events, worked out by their order.

    The rows say who took an event back in the end; it is taken back here unless that one is still to come.
    """
    starts = _starts(arrivals)
    stored = list(history)
    before = [one for one in stored if _order(one.arrival) < starts[one.arrival.event.product_id]]
    # Who is not stored any more was dropped with an old month, so came before.
    coming = {one.arrival.event.uid for one in stored} - {one.arrival.event.uid for one in before}
    targets: dict[bytes, Target] = {}
    folded: dict[str, dict[bytes, tuple[Said, ...]]] = {id_: {} for id_ in starts}
    for (event, *_), by, kept in before:
        said = evidence_of(event, policy)
        taken = by is not None and by not in coming
        # Whoever took back an event of a dropped month later on found it gone.
        targets[event.uid] = Target(event.uid, event.product_id, said, taken, gone=kept and by is None)
        if not taken:
            folded[event.product_id][event.uid] = said
    return targets, folded


def _starts(arrivals: Sequence[Arrival]) -> dict[str, Order]:
    """Return where each product that a retraction names first appears in these events."""
    named = {arrival.event.product_id for arrival in arrivals if target_of(arrival.event) is not None}
    starts: dict[str, Order] = {}
    for arrival in arrivals if named else ():
        if arrival.event.product_id in named:
            starts.setdefault(arrival.event.product_id, _order(arrival))
    return starts


def _order(arrival: Arrival) -> Order:
    return arrival.instant_ms, arrival.record.offset
