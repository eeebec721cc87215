"""Adopting a policy at a midnight: every product of a partition is decided anew, a page at a time."""

from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Change
from sealwatch.scoring.sweep import midnight_after
from sealwatch_scorer.news import news_of
from sealwatch_scorer.policies import Span
from sealwatch_scorer.rows import settled
from sealwatch_scorer.store import PostgresTransaction

PAGE = 1_000  # products between two statements: the database waits ten seconds for the next one at most


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
        await tx.tell(news_of(moves, policy))
        saved |= {one.product.product_id: one.product for one in done}
        changes += moves
    return saved, changes
