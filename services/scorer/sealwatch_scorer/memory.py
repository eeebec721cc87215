"""What a scorer remembers of its products between two polls: the newest as they are, the others packed."""

import marshal
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import islice

from msgspec.structs import astuple

from sealwatch.contracts.log import DescribedFacts
from sealwatch.risk.levels import Standing
from sealwatch.risk.once import Name, shared
from sealwatch.risk.policy import Level
from sealwatch.risk.state import State
from sealwatch.scoring.product import Override, Product
from sealwatch_scorer.rollups import Group, Held

LOOSE = 100_000  # products kept as objects, at 1.3 KB each; a packed one takes a third; ours
_LEVELS = tuple(Level)
_OURS = tuple(
    Product.__struct_fields__.index(name)
    for name in ("described", "state", "standing", "told_on", "override")
)  # what marshal does not know


class Memory:
    """Products and groups of owned partitions as last committed; the oldest products go first."""

    def __init__(self, limit: int, loose: int = LOOSE) -> None:
        """Keep at most ``limit`` products, all but the newest ``loose`` of them packed."""
        self._limit, self._most_loose = limit, min(loose, limit)
        self._loose: dict[str, Product] = {}
        self._packed: dict[str, bytes] = {}
        self.groups: dict[Group, Held] = {}

    def get(self, product_ids: Sequence[str]) -> dict[str, Product]:
        """Return those that are remembered."""
        found = {id_: product for id_ in product_ids if (product := self._loose.get(id_)) is not None}
        if len(found) < len(product_ids):
            packed = self._packed
            found |= {id_: unpacked(packed[id_]) for id_ in product_ids if id_ in packed}
        return found

    def remember(self, products: Mapping[str, Product]) -> None:
        """Take what a committed transaction made of them."""
        loose, packed_ones = self._loose, self._packed
        for id_, product in products.items():
            loose.pop(id_, None)
            packed_ones.pop(id_, None)
            loose[id_] = product
        for id_ in _oldest(loose, len(loose) - self._most_loose):
            packed_ones[id_] = packed(loose.pop(id_))
        for id_ in _oldest(packed_ones, len(loose) + len(packed_ones) - self._limit):
            del packed_ones[id_]

    def forget(self) -> None:
        """Drop everything: somebody else may have gone on."""
        self._loose.clear()
        self._packed.clear()
        self.groups.clear()


def packed(product: Product) -> bytes:
    """Return a product as bytes for this process alone: what is stored is a row."""
    fields = list(astuple(product))
    described, state, standing, told_on, override = (fields[place] for place in _OURS)
    level, below_since, start = standing
    fields[_OURS[0]] = astuple(described) if described else None
    fields[_OURS[1]] = tuple(state)
    fields[_OURS[2]] = (int(level), _ordinal(below_since), None if start is None else int(start))
    fields[_OURS[3]] = _ordinal(told_on)
    fields[_OURS[4]] = (int(override.level), override.until) if override else None
    return marshal.dumps(fields)


def unpacked(raw: bytes) -> Product:
    """Return the product again."""
    fields = marshal.loads(raw)  # noqa: S302  # our own bytes, which never leave this process
    described, state, standing, told_on, override = (fields[place] for place in _OURS)
    level, below_since, start = standing
    fields[_OURS[0]] = DescribedFacts(*described) if described else None
    sums, pieces, counts, floors = state
    fields[_OURS[1]] = State(_named(sums), pieces, _named(counts), _named(floors))
    fields[_OURS[2]] = Standing(_LEVELS[level], _day(below_since), None if start is None else _LEVELS[start])
    fields[_OURS[3]] = _day(told_on)
    fields[_OURS[4]] = Override(_LEVELS[override[0]], override[1]) if override else None
    return Product(*fields)


def _named(held: dict[Name, tuple[int, int]]) -> dict[Name, tuple[int, int]]:
    return {shared(name): pair for name, pair in held.items()} if held else held


def _oldest(remembered: Mapping[str, object], surplus: int) -> list[str]:
    return list(islice(remembered, surplus)) if surplus > 0 else []


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
