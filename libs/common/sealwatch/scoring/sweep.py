"""The daily instants: a faded level is lowered, a silent product marked stale, an override ended.

Time never raises what the model says; where an override ends, the level in force is the model's again.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from msgspec.structs import replace

from sealwatch.contracts.base import derived_uid
from sealwatch.risk.beliefs import is_opinion
from sealwatch.risk.case import case_of
from sealwatch.risk.decay import LONGEST_DAYS
from sealwatch.risk.freshness import is_stale
from sealwatch.risk.levels import swept
from sealwatch.risk.policy import Level, Policy
from sealwatch.scoring.overrides import expired, reason_of
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import NO_EVENT, Change, Move, moved, noted

DAY = timedelta(days=1)


@lru_cache(maxsize=64)  # asked for each product of a sweep
def midnight_after(day: date) -> int:
    """Return the Unix second at which a UTC day has ended."""
    return int(_midnight(day).timestamp())


def silent_since(day: date, policy: Policy) -> datetime:
    """Return the instant before which the newest evidence of a product may make it stale that day.

    Never further back than a century: the calendar ends, and nothing as old can be scored.
    """
    return _midnight(day) - timedelta(days=min(policy.thresholds.fresh_days_monitored, LONGEST_DAYS))


def _midnight(day: date) -> datetime:
    return datetime.combine(day + DAY, datetime.min.time(), UTC)


def sweep(
    products: Iterable[Product], first: date, last: date, policy: Policy
) -> tuple[list[Product], list[Change]]:
    """Return the products that the sweeps of these days changed, and their level changes."""
    changed: list[Product] = []
    changes: list[Change] = []
    for product in products:
        after = _swept(product, first, last, policy, changes)
        if after is not product:
            changed.append(after)
    return changed, changes


def may_fade(product: Product, policy: Policy) -> bool:
    """Return whether time alone can lower the model's level: Low ends where nothing but opinion holds it."""
    level = product.standing.level
    return level > Level.LOW or (level is Level.LOW and is_opinion(product.state, policy))


def _swept(product: Product, first: date, last: date, policy: Policy, changes: list[Change]) -> Product:
    day, now = first, product
    while day <= last and (may_fade(now, policy) or not now.stale or now.override is not None):
        at = midnight_after(day)
        if not now.stale and is_stale(now.newest_at, now.state, policy, at):
            now = replace(now, stale=True)
        if may_fade(now, policy):
            now = _decided(now, policy, changes, day)
        now = without_ended(now, policy, changes, day)
        day += DAY
    return now


def without_ended(product: Product, policy: Policy, changes: list[Change], day: date) -> Product:
    """Return the product without an override that ended within a day, and note the level in force again."""
    at = midnight_after(day)
    after = expired(product, at)
    if after is product:
        return product
    case = case_of(after.state, after.facts(policy), policy, at)
    uid = derived_uid("override ended", product.product_id, day.isoformat())
    return noted(product.level, after, changes, Move(reason_of(after), case, lambda: (uid, NO_EVENT)))


def _decided(product: Product, policy: Policy, changes: list[Change], day: date) -> Product:
    case = case_of(product.state, product.facts(policy), policy, midnight_after(day))
    decision = swept(product.standing, case)
    if decision.standing == product.standing:
        return product
    uid = derived_uid("sweep", product.product_id, day.isoformat())
    return moved(product, decision, changes, case, lambda: (uid, NO_EVENT))
