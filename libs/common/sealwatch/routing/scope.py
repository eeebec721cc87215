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
        return next((name for name, passes in _passed(self, change) if not passes), None)


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


def _passed(scope: Scope, change: LevelChanged) -> tuple[tuple[str, bool], ...]:
    regions = scope.regions
    return (
        ("categories", not scope.categories or change.category in scope.categories),
        ("regions", not regions or any(covers(area, change.region) for area in regions)),
        ("enterprises", not scope.enterprises or change.enterprise_id in scope.enterprises),
        ("factors", not scope.factors or change.main_factor in scope.factors),
        ("products", not scope.products or change.product_id in scope.products),
    )
