"""Adopting a policy at a midnight: every product of a partition is decided anew, up or down.

It takes the place of that day's sweep: a level that the new policy does not hold falls at once, and evidence
is stale or fresh by the new limits. Nothing is read but the states and the policy, so adopting again after a
crash does the same.
"""

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from sealwatch.contracts.base import derived_uid
from sealwatch.risk.case import case_of
from sealwatch.risk.freshness import is_stale
from sealwatch.risk.levels import Cause, decided
from sealwatch.risk.policy import Policy
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import NO_EVENT, Change, moved
from sealwatch.scoring.sweep import midnight_after
from sealwatch_scorer.news import news_of
from sealwatch_scorer.policies import Span
from sealwatch_scorer.rows import settled
from sealwatch_scorer.store import PostgresTransaction

PAGE = 1_000  # products between two statements: the database waits ten seconds for the next one at most


def redecided(products: Sequence[Product], day: date, policy: Policy) -> tuple[list[Product], list[Change]]:
    """Return the products as this policy sees them once a day has ended, and their level changes."""
    changes: list[Change] = []
    return [_redecided(product, day, policy, changes) for product in products], changes


def _redecided(product: Product, day: date, policy: Policy, changes: list[Change]) -> Product:
    at = midnight_after(day)
    case = case_of(product.state, product.facts(policy), policy, at)
    decision = decided(product.standing, case, Cause.POLICY)
    aged = replace(product, stale=is_stale(product.newest_at, product.state, policy, at))
    uid = derived_uid("policy", product.product_id, day.isoformat(), policy.version)
    return moved(aged, decision, changes, case, lambda: (uid, NO_EVENT))


async def adopt(
    tx: PostgresTransaction, partition: int, span: Span
) -> tuple[dict[str, Product], list[Change]]:
    """Decide all products of a partition anew in this transaction, a page at a time."""
    day, policy = span.through, span.policy
    saved: dict[str, Product] = {}
    changes: list[Change] = []
    last = ""
    while page := await tx.to_redecide(partition, last, PAGE):
        last = page[-1].product_id
        products, moves = redecided(page, day, policy)
        done = [settled(product, policy, midnight_after(day)) for product in products]
        await tx.save(done, policy)
        await tx.record_changes(moves, policy)
        await tx.tell([(partition, news_of(change, policy)) for change in moves])
        saved |= {one.product.product_id: one.product for one in done}
        changes += moves
    return saved, changes
