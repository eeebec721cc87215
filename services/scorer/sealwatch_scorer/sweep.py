"""The daily instants: a level whose evidence faded is lowered; time alone never raises one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sealwatch.contracts.base import derived_uid
from sealwatch.risk.levels import after_sweep
from sealwatch.risk.policy import Level, Policy
from sealwatch_scorer.product import Product
from sealwatch_scorer.rows import NO_EVENT
from sealwatch_scorer.step import Change, moved

DAY = timedelta(days=1)


def midnight_after(day: date) -> int:
    """Return the Unix second at which a UTC day has ended."""
    return int(datetime.combine(day + DAY, datetime.min.time(), UTC).timestamp())


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


def _swept(product: Product, first: date, last: date, policy: Policy, changes: list[Change]) -> Product:
    day, now = first, product
    while day <= last and now.standing.level > Level.LOW:
        at = midnight_after(day)
        decision = after_sweep(now.standing, now.state, now.facts(policy), policy, at)
        if decision.standing != now.standing:
            uid = derived_uid("sweep", now.product_id, day.isoformat())
            now = moved(now, decision, changes, policy, (uid, at, NO_EVENT))
        day += DAY
    return now
