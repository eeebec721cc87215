"""What a midnight does to a partition: faded levels are lowered, or a policy is adopted."""

from functools import partial

from sealwatch.scoring.adoption import redecided
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Change
from sealwatch.scoring.sweep import silent_since, sweep
from sealwatch_scorer.pages import page_by_page
from sealwatch_scorer.policies import Span
from sealwatch_scorer.store import PostgresTransaction


async def adopt(
    tx: PostgresTransaction, partition: int, span: Span
) -> tuple[dict[str, Product], list[Change]]:
    """Decide all products of a partition anew in this transaction."""
    day, policy = span.through, span.policy
    pages = partial(tx.to_redecide, partition)
    return await page_by_page(tx, span, pages, lambda page: redecided(page, day, policy))


async def fade(
    tx: PostgresTransaction, partition: int, span: Span
) -> tuple[dict[str, Product], list[Change]]:
    """Sweep the products whose level could fall, or which could become stale, as of the span's one day."""
    day, policy = span.through, span.policy
    pages = partial(tx.to_sweep, partition, silent_since(day, policy))
    return await page_by_page(tx, span, pages, lambda page: sweep(page, day, day, policy))
