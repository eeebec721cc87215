"""Adopting a policy at a midnight: every product is decided anew, up or down. Pure.

It takes the place of that day's sweep: a level that the new policy does not hold falls at once, evidence is
stale or fresh by the new limits, and an override whose end has come is gone. Nothing is read but the states
and the policy, so adopting again after a crash does the same.
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
from sealwatch.scoring.sweep import midnight_after, without_ended


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
    after = moved(aged, decision, changes, case, lambda: (uid, NO_EVENT))
    return without_ended(after, policy, changes, day)
