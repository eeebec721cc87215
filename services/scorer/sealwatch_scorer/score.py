"""One poll into one transaction, in the order of docs/architecture.md."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import Protocol

from sealwatch.contracts.codec import Record
from sealwatch.contracts.letters import letter_of
from sealwatch.contracts.log import EvidenceRetracted
from sealwatch.risk.groups import Gain
from sealwatch.risk.policy import Policy
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Arrival, Change, Known, Walked, target_of, walk
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import EVENTS_SCORED, LEVEL_CHANGES
from sealwatch_scorer.adoption import adopt, fade
from sealwatch_scorer.batch import Poll, swept
from sealwatch_scorer.claims import Sorted, first_of_each, sorted_out
from sealwatch_scorer.left import left
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.news import news_of
from sealwatch_scorer.policies import Policies, Span
from sealwatch_scorer.rollups import Group, Held, gains, rolled_up
from sealwatch_scorer.rows import Settled, ranked, settled
from sealwatch_scorer.store import Position, PostgresTransaction


class Store(Protocol):
    """Opens the scorer's transactions."""

    def begin(self) -> AbstractAsyncContextManager[PostgresTransaction]:
        """Commit on a clean exit, roll back on an exception."""

    async def positions(self, starts: Mapping[int, int]) -> dict[int, Position]:
        """Return where these partitions stand."""


class Scorer:
    """Commits polls and sweeps; doing either twice does it once."""

    def __init__(self, store: Store, policies: Policies, memory: Memory) -> None:
        """Keep the parts."""
        self._store, self._policies, self._memory = store, policies, memory

    async def commit(self, poll: Poll) -> None:
        """Score one poll, or raise and change nothing."""
        policy = await self._policies.of(poll)
        async with self._store.begin() as tx:
            await tx.advance(poll.before, poll.after)
            found = await self._claimed(tx, poll.arrivals)
            known = await self._known(tx, found.fresh, policy)
            walked = walk(known, found.fresh, policy)
            done = [_settled(product, walked, policy) for product in walked.products.values()]
            await _write(tx, poll, walked, found, policy)
            await tx.save(done, policy)
            groups = await self._grouped(tx, gains(known.products, walked.products, policy))
        self._memory.remember({one.product.product_id: one.product for one in done})
        self._memory.groups |= groups
        _count(poll, found, walked.changes)

    async def sweep(self, partition: int, position: Position, through: date) -> Position:
        """Apply the sweeps of all days up to ``through``, each in a transaction of its own.

        A policy that begins is adopted at its midnight.
        """
        for span in await self._policies.spans(position.swept_through, through):
            position = await self._swept(partition, position, span)
        return position

    async def _swept(self, partition: int, position: Position, span: Span) -> Position:
        after = swept(position, span.through)
        async with self._store.begin() as tx:
            await tx.advance({partition: position}, {partition: after})
            products, changes = await (adopt if span.adopts else fade)(tx, partition, span)
        self._memory.remember({id_: products[id_] for id_ in self._memory.get(list(products))})
        if span.adopts:
            adopted = span.policy.version
            logger().info("adopted policy", policy_version=adopted, partition=partition, changes=len(changes))
        _count_changes(changes)
        return after

    async def _claimed(self, tx: PostgresTransaction, arrivals: Sequence[Arrival]) -> Sorted:
        first = first_of_each(arrivals)
        claimed = await tx.claim(list(first.values())) if first else frozenset()
        stored = await tx.stored([uid for uid in first if uid not in claimed])
        return sorted_out(arrivals, claimed, stored)

    async def _known(self, tx: PostgresTransaction, fresh: Sequence[Arrival], policy: Policy) -> Known:
        ids = list(dict.fromkeys(arrival.event.product_id for arrival in fresh))
        products = self._memory.get(ids)
        products |= await tx.load([id_ for id_ in ids if id_ not in products])
        here = {arrival.event.uid for arrival in fresh}
        retractions = (a.event for a in fresh if type(a.event.body) is EvidenceRetracted)
        named = {uid for event in retractions if (uid := target_of(event)) is not None}
        # What this poll brings was claimed a moment ago and is not stored yet: the walk meets it.
        targets = await tx.targets(named - here)
        folded = await left(tx, fresh, products, targets, policy) if named else {}
        return Known(products, targets, await tx.tombstones(here), folded)

    async def _grouped(self, tx: PostgresTransaction, gained: Mapping[Group, Gain]) -> dict[Group, Held]:
        held = {group: self._memory.groups[group] for group in gained if group in self._memory.groups}
        held |= await tx.load_groups([group for group in gained if group not in held])
        groups = rolled_up(held, gained)
        await tx.save_groups(groups)
        return groups


def _settled(product: Product, walked: Walked, policy: Policy) -> Settled:
    """Rank as of the last event; its own decision has asked the same already, if it had one."""
    last, case = walked.last[product.product_id], walked.cases.get(product.product_id)
    if case is None or case.at != last.at or case.state is not product.state:
        return settled(product, policy, last.at, last.event.uid)
    return ranked(product, case, last.event.uid)


async def _write(tx: PostgresTransaction, poll: Poll, walked: Walked, found: Sorted, policy: Policy) -> None:
    await tx.keep(walked.kept.values())
    await tx.record_changes(walked.changes, policy)
    await tx.bury(walked.tombstones)
    await tx.mark_retracted(walked.retracted)
    conflicts = [(arrival, "event_id_conflict") for arrival in found.conflicts]
    await tx.quarantine([*walked.quarantined, *conflicts])
    await tx.keep_letters(poll.letters)
    await tx.tell(_news(poll, walked.changes, policy))


def _news(poll: Poll, changes: Sequence[Change], policy: Policy) -> list[tuple[int, Record]]:
    news = news_of(changes, policy)
    letters = [(record.partition, letter_of(record, kind, why)) for record, kind, why in poll.letters]
    return [*news, *letters]


def _count(poll: Poll, found: Sorted, changes: Sequence[Change]) -> None:
    EVENTS_SCORED.labels("scored").inc(len(found.fresh))
    EVENTS_SCORED.labels("duplicate").inc(found.duplicates)
    EVENTS_SCORED.labels("conflict").inc(len(found.conflicts))
    EVENTS_SCORED.labels("letter").inc(len(poll.letters))
    _count_changes(changes)


def _count_changes(changes: Sequence[Change]) -> None:
    for change in changes:
        LEVEL_CHANGES.labels(change.product.level.word, change.reason.value).inc()
