"""What no subtraction gives back: the newest time of a product, and the dates of its floors. Pure.

All are maxima over what its events said. A retraction takes one away only where its event held it; then it
is worked out again from what is left, and only that one: the others stay, whatever is still stored.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from sealwatch.risk.floors import NEVER, Check, Clause, Floors, floors_of
from sealwatch.risk.state import Said, with_floors
from sealwatch.scoring.product import Product

Side = tuple[Clause, bool]
"""The newest failed (True) or the newest passed date of a clause."""

NOTHING, EVIDENCE, PASSED, FAILED = range(4)


class Maxima(NamedTuple):
    """Some of the maxima of one product: its newest time, and sides of its floors."""

    newest: bool
    sides: frozenset[Side]

    def __bool__(self) -> bool:
        """Return whether it is any at all."""
        return self.newest or bool(self.sides)


def bears(said: Iterable[Said]) -> int:
    """Return the most that an event bears on maxima: nothing, evidence, a passed or a failed check."""
    most = NOTHING
    for piece in said:
        if isinstance(piece, Check):
            most = max(most, FAILED if piece.failed else PASSED)
        elif piece.weighs:
            most = max(most, EVIDENCE)
    return most


def held_by(product: Product, said: Iterable[Said]) -> Maxima:
    """Return the maxima of a product that these pieces hold: none of what it knows is newer."""
    newest, sides = False, set()
    for piece in said:
        if piece.weighs and (product.newest_at is None or piece.at >= product.newest_at):
            newest = True
        if isinstance(piece, Check) and piece.at >= date_of(product.state.floors, side_of(piece)):
            sides.add(side_of(piece))
    return Maxima(newest, frozenset(sides))


def side_of(check: Check) -> Side:
    """Return which date of which clause a check can move."""
    return (check.standard, check.indicator), check.failed


def date_of(floors: Floors, side: Side) -> int:
    """Return one date of the floors, ``NEVER`` where there is none."""
    clause, failed = side
    newest_failed, newest_passed = floors.get(clause, (NEVER, NEVER))
    return newest_failed if failed else newest_passed


def recounted(product: Product, gone: Maxima, left: Iterable[Said]) -> Product:
    """Return the product with these maxima as the pieces that are left give them."""
    pieces = list(left)
    newest = newest_of(pieces, None) if gone.newest else product.newest_at
    floors = product.state.floors
    if gone.sides:
        found = floors_of(piece for piece in pieces if isinstance(piece, Check))
        floors = _restored(floors, gone.sides, found)
    return replace(product, state=with_floors(product.state, floors), newest_at=newest)


def newest_of(said: Iterable[Said], before: int | None) -> int | None:
    """Return the newest time of what weighs anything: a device past its calibration keeps nobody fresh."""
    newest = before
    for piece in said:
        if (newest is None or piece.at > newest) and piece.weighs:
            newest = piece.at
    return newest


def _restored(floors: Floors, sides: Iterable[Side], found: Floors) -> Floors:
    """Return the floors with these dates as found; kept sorted, a clause without any date is dropped."""
    restored = dict(floors)
    for clause, failed in sides:
        side = (clause, failed)
        other = date_of(restored, (clause, not failed))
        restored[clause] = (date_of(found, side), other) if failed else (other, date_of(found, side))
    return {clause: dates for clause, dates in sorted(restored.items()) if any(dates)}
