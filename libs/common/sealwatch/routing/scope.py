"""What a subscription or a silence covers: lists that a change must pass; an empty one lets all through."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Self

from sealwatch.contracts.risk import LevelChanged

FULL_CODE = 6  # two digits each for province, prefecture and county


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which changes are covered, by what the product is and where its risk comes from."""

    categories: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()
    factors: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lists: Callable[[str], Iterable[str] | None]) -> Self:
        """Return the scope that a row names; a list that is null is empty."""
        return cls(**{one.name: frozenset(lists(one.name) or ()) for one in fields(cls)})

    def missed(self, change: LevelChanged) -> str | None:
        """Return the first list that a change does not pass, or None where it passes all."""
        if self.categories and change.category not in self.categories:
            return "categories"
        if self.regions and not any(covers(area, change.region) for area in self.regions):
            return "regions"
        if self.enterprises and change.enterprise_id not in self.enterprises:
            return "enterprises"
        if self.factors and change.main_factor not in self.factors:
            return "factors"
        return "products" if self.products and change.product_id not in self.products else None


def prefix_of(area: str) -> str:
    """Return what every code inside an area begins with.

    In GB/T 2260 closing pairs of 00 stand for "all of it": 110000 covers 110105, as 11 does.
    """
    prefix = area
    while len(area) == FULL_CODE and area.isdecimal() and prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix or area


def covers(area: str, region: str | None) -> bool:
    """Return whether a region lies in an area: codes nest by prefix."""
    return region is not None and region.startswith(prefix_of(area))
