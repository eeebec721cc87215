"""Going through the products of a partition in one transaction, a page at a time.

While a page is decided nothing else is served, the heartbeat to Kafka included, and the database waits; so a
page is some milliseconds of work, and every question for the next one lets the others have their turn.
"""

from collections.abc import Awaitable, Callable, Sequence

from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Change
from sealwatch.scoring.sweep import midnight_after
from sealwatch_scorer.news import news_of
from sealwatch_scorer.policies import Span
from sealwatch_scorer.rows import settled
from sealwatch_scorer.store import PostgresTransaction

PAGE = 1_000  # products between two statements: the database waits ten seconds for the next one at most
Pages = Callable[[str, int], Awaitable[Sequence[Product]]]
"""Returns the products after a product id, at most so many, in order of their ids."""
Decide = Callable[[Sequence[Product]], tuple[list[Product], list[Change]]]
"""Returns the products that are to be written, and their level changes."""


async def page_by_page(
    tx: PostgresTransaction, span: Span, pages: Pages, decide: Decide
) -> tuple[dict[str, Product], list[Change]]:
    """Write what the midnight of a span makes of these products; return what was written."""
    day, policy = span.through, span.policy
    saved: dict[str, Product] = {}
    changes: list[Change] = []
    last = ""
    while page := await pages(last, PAGE):
        last = page[-1].product_id
        products, moves = decide(page)
        done = [settled(product, policy, midnight_after(day)) for product in products]
        await tx.save(done, policy)
        await tx.record_changes(moves, policy)
        await tx.tell(news_of(moves, policy))
        saved |= {one.product.product_id: one.product for one in done}
        changes += moves
    return saved, changes
