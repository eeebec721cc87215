"""What may be taken back, and what is left then, kept while the events go by. Pure.

Which events are taken back at any time is known before the first is walked: their rows say so. Of their
products these events are kept one by one, and of all others only what no subtraction gives back: the newest
time, and the newest date of each side of a floor. So no retraction makes anybody read the past again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sealwatch.risk.floors import Check
from sealwatch.risk.state import Said
from sealwatch.scoring.maxima import Side, side_of
from sealwatch.scoring.step import Target

Fated = Mapping[bytes, str]
"""The product of each event that is taken back at some time, by uid."""

FOR_GOOD = b""  # the name of what nobody takes back; no uid is so short


@dataclass(slots=True)
class _Held:
    """What is known of one product; ``one_by_one`` is what may be taken back still."""

    newest: Said | None = None
    sides: dict[Side, Check] = field(default_factory=dict)
    one_by_one: dict[bytes, tuple[Said, ...]] = field(default_factory=dict)

    def keep_for_good(self, said: Iterable[Said]) -> None:
        """Note the maxima of what nobody takes back."""
        for piece in said:
            if piece.weighs and (self.newest is None or piece.at > self.newest.at):
                self.newest = piece
            if isinstance(piece, Check):
                side = side_of(piece)
                known = self.sides.get(side)
                if known is None or piece.at > known.at:
                    self.sides[side] = piece


class Pasts:
    """The past of every product of which something is taken back at some time."""

    def __init__(self, fated: Fated) -> None:
        """Begin with no past."""
        self._fated = fated
        self._held: dict[str, _Held] = defaultdict(_Held)
        self.product_ids = frozenset(fated.values())

    def note(self, product_id: str, uid: bytes, said: tuple[Said, ...]) -> None:
        """Note what an event of one of these products said."""
        if uid in self._fated:
            self._held[product_id].one_by_one[uid] = said
        else:
            self._held[product_id].keep_for_good(said)

    def forget(self, product_id: str, uids: Iterable[bytes]) -> None:
        """Forget what was taken back."""
        for uid in uids:
            self._held[product_id].one_by_one.pop(uid, None)

    def targets(self, product_id: str) -> dict[bytes, Target]:
        """Return what a retraction may name."""
        if product_id not in self.product_ids:
            return {}
        said = self._held[product_id].one_by_one
        return {uid: Target(uid, product_id, folded, retracted=False) for uid, folded in said.items()}

    def folded(self, product_id: str) -> dict[bytes, tuple[Said, ...]]:
        """Return what stands of a product: what may be taken back, and the maxima of all else."""
        if product_id not in self.product_ids:
            return {}
        held = self._held[product_id]
        newest = () if held.newest is None else (held.newest,)
        return {FOR_GOOD: (*newest, *held.sides.values()), **held.one_by_one}
