"""Which groups a product belongs to, and what a poll adds to their sums. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from sealwatch.risk.groups import Gain, total
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import EMPTY, State
from sealwatch.scoring.product import Product

UNKNOWN = ""  # the group of what was not described


class Group(NamedTuple):
    """One part of a roll-up: goods of one severity in one partition, so that no row is hot."""

    dimension: str
    value: str
    severity: int
    partition: int


class Held(NamedTuple):
    """What a group holds: its sums and how many products with evidence made them."""

    state: State = EMPTY
    products: int = 0


class Membership(NamedTuple):
    """What decides the groups of a product; enterprises are summed from their products when read."""

    category: str
    region: str
    technology: str
    severity: int
    partition: int

    def groups(self) -> list[Group]:
        """Return the groups, one a dimension."""
        return [
            Group(name, getattr(self, name), self.severity, self.partition)
            for name in ("category", "region", "technology")
        ]


def gains(before: Mapping[str, Product], after: Mapping[str, Product], policy: Policy) -> dict[Group, Gain]:
    """Return what each group gains when these products change."""
    found: dict[Membership, Gain] = {}
    for product_id, product in after.items():
        old = before.get(product_id)
        now = _membership(product, policy)
        if old is None or old.described is product.described:
            _of(found, now).move(old.state if old else EMPTY, product.state)
        else:
            _of(found, _membership(old, policy)).leave(old.state)
            _of(found, now).join(product.state)
    return _by_group(found)


def rolled_up(held: Mapping[Group, Held], gained: Mapping[Group, Gain]) -> dict[Group, Held]:
    """Return the groups as they are with their gains; those that gained nothing are left out."""
    return {
        group: Held(total(known.state, gain), known.products + gain.products)
        for group, gain in gained.items()
        if (gain.sums or gain.counts or gain.pieces or gain.products)
        for known in (held.get(group, Held()),)
    }


def _of(found: dict[Membership, Gain], membership: Membership) -> Gain:
    gain = found.get(membership)
    if gain is None:
        gain = found[membership] = Gain()
    return gain


def _by_group(found: Mapping[Membership, Gain]) -> dict[Group, Gain]:
    groups: dict[Group, Gain] = {}
    for membership, gain in found.items():
        for group in membership.groups():
            groups.setdefault(group, Gain()).add(gain)
    return groups


def _membership(product: Product, policy: Policy) -> Membership:
    described = product.described
    if described is None:
        return Membership(UNKNOWN, UNKNOWN, UNKNOWN, policy.unknown_severity, product.partition)
    return Membership(
        described.category,
        described.region or UNKNOWN,
        described.technology or UNKNOWN,
        described.severity_class,
        product.partition,
    )
