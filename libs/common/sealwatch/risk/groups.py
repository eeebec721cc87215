"""Sums of many products, so that a category, a region or a technology has rates like a product.

A group's sums are exactly the sums of its members, whole numbers added to whole numbers: a product
that moves to another group takes its own sums along, and no order of arrival matters.
"""

from collections.abc import Iterable, Mapping

from sealwatch.risk.state import EMPTY, Key, State, Sums

_NOTHING: Sums = (0, 0)


class Gain:
    """What a group gains in one go; losses are negative."""

    __slots__ = ("counts", "pieces", "products", "sums")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sums: dict[Key, Sums] = {}
        self.counts: dict[Key, Sums] = {}
        self.pieces = 0
        self.products = 0  # with any evidence

    def move(self, before: State, after: State) -> None:
        """Count that a member's state was ``before`` and is ``after``."""
        if before.sums is not after.sums:
            _gain(self.sums, before.sums, after.sums)
        if before.counts is not after.counts:
            _gain(self.counts, before.counts, after.counts)
        self.pieces += after.pieces - before.pieces
        self.products += (after.pieces > 0) - (before.pieces > 0)

    def join(self, member: State) -> None:
        """Take a product in, with everything it holds."""
        self.move(EMPTY, member)

    def leave(self, member: State) -> None:
        """Let a product go, with everything it holds."""
        self.move(member, EMPTY)

    def add(self, other: "Gain") -> None:
        """Take what another part of the group gained."""
        _add(self.sums, other.sums)
        _add(self.counts, other.counts)
        self.pieces += other.pieces
        self.products += other.products


def total(held: State, gain: Gain) -> State:
    """Return a group's state with its gain; entries of zeros are dropped, keys stay sorted."""
    return State(
        sums=_total(held.sums, gain.sums),
        pieces=held.pieces + gain.pieces,
        counts=_total(held.counts, gain.counts),
    )


def together(parts: Iterable[State]) -> State:
    """Return the sums of several parts of a group."""
    gain = Gain()
    for part in parts:
        gain.join(part)
    return total(EMPTY, gain)


def of_classes(state: State, source_classes: frozenset[str]) -> State:
    """Return the part of the sums that came from these source classes; pieces are not split."""
    sums = {key: pair for key, pair in state.sums.items() if key[1] in source_classes}
    counts = {key: pair for key, pair in state.counts.items() if key[1] in source_classes}
    return State(sums=sums, pieces=state.pieces, counts=counts)


def _gain(gains: dict[Key, Sums], before: Mapping[Key, Sums], after: Mapping[Key, Sums]) -> None:
    kept = 0
    for key, pair in after.items():
        old = before.get(key)
        if old is not None:
            kept += 1
            if old == pair:
                continue
        held, gained = old or _NOTHING, gains.get(key, _NOTHING)
        gains[key] = (gained[0] + pair[0] - held[0], gained[1] + pair[1] - held[1])
    if kept == len(before):
        return
    for key, (failures, trials) in before.items():
        if key not in after:
            gained = gains.get(key, _NOTHING)
            gains[key] = (gained[0] - failures, gained[1] - trials)


def _add(gains: dict[Key, Sums], more: Mapping[Key, Sums]) -> None:
    for key, (failures, trials) in more.items():
        gained = gains.get(key, (0, 0))
        gains[key] = (gained[0] + failures, gained[1] + trials)


def _total(held: Mapping[Key, Sums], gains: Mapping[Key, Sums]) -> dict[Key, Sums]:
    sums = dict(held)
    _add(sums, gains)
    return {key: pair for key, pair in sorted(sums.items()) if pair != (0, 0)}
