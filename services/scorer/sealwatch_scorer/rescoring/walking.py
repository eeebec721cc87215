"""Products in memory, taken through stored events and midnights, to where live scoring took them. Pure.

What only says evidence goes the short way, by runs; all else goes by the steps of live scoring.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from sealwatch.risk.policy import Policy
from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import NO_EVENT, Arrival, Known, Stones, target_of, walk
from sealwatch.scoring.sweep import may_fade, midnight_after, silent_since, sweep
from sealwatch_scorer.policies import Span
from sealwatch_scorer.rescoring.lines import Line, Past, arrival_of
from sealwatch_scorer.rescoring.pasts import Fated, Pasts
from sealwatch_scorer.rescoring.plan import happened
from sealwatch_scorer.rescoring.runs import Run
from sealwatch_scorer.rescoring.shapes import Shapes, Told
from sealwatch_scorer.rows import Settled, settled


class Touch(NamedTuple):
    """The last event or sweep that touched a product, and the policy of that day."""

    at: int
    event_uid: bytes
    policy: Policy


class Pending(NamedTuple):
    """A product to be saved, ranked as of its last event or sweep by the policy of that day."""

    done: Settled
    policy: Policy


@dataclass(frozen=True, slots=True)
class Before:
    """What is known when a walk begins: products as saved last, early retractions, what is taken back.

    ``pasts`` are the stored events of products of which something is taken back, as far as they were walked.
    """

    products: Iterable[Product] = ()
    stones: Stones = field(default_factory=dict)
    fated: Fated = field(default_factory=dict)
    pasts: Sequence[Past] = ()


class Walk:
    """The products of one lane, and which of them were touched since they were last saved."""

    def __init__(self, before: Before, policy: Policy, as_of_ms: int | None = None) -> None:
        """Begin with what was saved; what happened after ``as_of_ms`` does not count."""
        self.products = {product.product_id: product for product in before.products}
        self.events = self.changes = 0
        self._stones, self._as_of_ms = before.stones, as_of_ms
        self._pasts = Pasts(before.fated)
        self._shapes = Shapes(policy)
        self._runs: dict[str, Run] = {}
        self._touched: dict[str, Touch] = {}
        self._remember(before.pasts, policy)

    def hear(self, lines: Iterable[Line], policy: Policy) -> None:
        """Take these lines, of one day, in recorded order, or raise Poisoned."""
        if policy is not self._shapes.policy:
            self.end_runs()
            self._shapes = Shapes(policy)
        for line in lines:
            told = None if line.uid in self._stones else self._shapes.of(line)
            if told is None:
                self._step(line)
            else:
                self._take(line, told)

    def sweep(self, span: Span, partitions: Collection[int]) -> None:
        """Let a day end for the products of these partitions; a policy that begins is adopted."""
        self.end_runs()
        day, policy = span.through, span.policy
        held = [product for product in self.products.values() if product.partition in partitions]
        if span.adopts:
            found, changes = redecided(held, day, policy)
        else:
            silent = int(silent_since(day, policy).timestamp())
            found, changes = sweep((one for one in held if _may_move(one, silent, policy)), day, day, policy)
        touch = Touch(midnight_after(day), NO_EVENT, policy)
        self.products |= {product.product_id: product for product in found}
        self._touched |= {product.product_id: touch for product in found}
        self.changes += len(changes)

    def end_runs(self) -> None:
        """Decide what is still to be decided, so that ``products`` are as they stand."""
        for product_id in list(self._runs):
            self._end(product_id)

    def pending(self) -> list[Pending]:
        """Return what must be saved, and count it as saved."""
        self.end_runs()
        touched, self._touched = self._touched, {}
        return [
            Pending(settled(self.products[id_], policy, at, uid), policy)
            for id_, (at, uid, policy) in touched.items()
        ]

    def _take(self, line: Line, told: Told) -> None:
        """Let a run take a line."""
        at, shape = told
        if self._as_of_ms is not None and at * 1000 > self._as_of_ms:
            return
        product_id = line.product_id
        run = self._runs.get(product_id)
        if run is None:
            product = self.products.get(product_id) or Product(product_id, line.partition)
            run = self._runs[product_id] = Run(product, self._shapes.policy, line)
        run.take(line, at, shape)
        self.events += 1
        if product_id in self._pasts.product_ids:
            self._pasts.note(product_id, line.uid, shape.at(at))

    def _step(self, line: Line) -> None:
        """Let the step of live scoring take a line."""
        arrival = arrival_of(line)
        if not happened(arrival.event, self._as_of_ms):
            return
        product_id = line.product_id
        self._end(product_id)
        walked = walk(self._known(arrival), [arrival], self._shapes.policy)
        self.products |= walked.products
        self._touched[product_id] = Touch(arrival.at, line.uid, self._shapes.policy)
        self.events += 1
        self.changes += len(walked.changes)
        if product_id in self._pasts.product_ids:
            self._pasts.forget(product_id, walked.retracted)
            if walked.kept[line.uid].retracted_by is None:
                self._pasts.note(product_id, line.uid, walked.kept[line.uid].folded)

    def _known(self, arrival: Arrival) -> Known:
        """Return what live scoring found in the store before this event."""
        product_id = arrival.event.product_id
        if target_of(arrival.event) is None:
            return Known(self.products, tombstones=self._stones)
        folded = {product_id: self._pasts.folded(product_id)}
        return Known(self.products, self._pasts.targets(product_id), self._stones, folded)

    def _end(self, product_id: str) -> None:
        run = self._runs.pop(product_id, None)
        if run is not None:
            self.products[product_id] = run.ended()
            self._touched[product_id] = Touch(run.last.at, run.last.uid, self._shapes.policy)
            self.changes += run.changes

    def _remember(self, pasts: Sequence[Past], policy: Policy) -> None:
        """Note what another process walked; what is folded is the same under all policies of a walk."""
        for line, is_taken in pasts:
            event = arrival_of(line).event
            if not is_taken and happened(event, self._as_of_ms):
                self._pasts.note(line.product_id, line.uid, evidence_of(event, policy))


def _may_move(product: Product, silent_since: int, policy: Policy) -> bool:
    """Tell a product that a sweep may change; most are low, fresh and under nobody's override."""
    if may_fade(product, policy) or product.override is not None:
        return True
    return not product.stale and product.newest_at is not None and product.newest_at < silent_since


def days_between(first: date, last: date) -> list[date]:
    """Return the days from ``first`` to ``last``, none when that is earlier."""
    return [date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1)]
