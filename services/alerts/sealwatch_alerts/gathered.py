"""The words of a message that gathers many changes: every one is listed, in little room."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sealwatch.risk.policy import Level
from sealwatch_alerts.message import level_name

ROOM = 18_000  # bytes for what is listed, of the 20 KB that Standard Webhooks asks to stay below; ours
ENTERPRISES_ROOM = 4_000  # bytes of these at most for enterprises, so that the list has the most of it; ours
HEADLINES = {
    "en": "{changes} level changes of {products} products; now at the highest: {product}, {level}",
    "zh": "{products}个产品共{changes}次等级变化；目前最高：{product}，{level}",  # noqa: RUF001  # Chinese punctuation
}
WORDS = [level.word for level in Level]
Listed = TypeVar("Listed")


@dataclass(frozen=True, slots=True)
class Member:
    """One change in such a message; ``overtaken`` where a newer change of its product was heard of since."""

    product_id: str
    sequence: int
    before: int
    after: int
    enterprise_id: str | None
    reason: str
    overtaken: bool


@dataclass(slots=True)
class Walk:
    """Changes of one product that follow one another: the level before the first, then the one after each.

    A digit of ``path`` stands for a place in ``levels``; ``sequence`` is that of the first change, the
    others follow by one. ``overtaken`` is that of the last one.
    """

    product_id: str
    sequence: int
    path: str
    overtaken: bool = False

    def takes(self, one: Member) -> bool:
        """Return whether a change goes on where this walk has come to."""
        return self.sequence + len(self.path) - 1 == one.sequence and self.path[-1] == str(one.before)

    @property
    def row(self) -> tuple[str, int, str]:
        """Return the walk as it is listed."""
        return self.product_id, self.sequence, self.path


def render_many(delivery_id: bytes, members: Sequence[Member], language: str) -> bytes:
    """Return the body; what the list has no room for is counted, and found by the id of the delivery."""
    walks = sorted(walks_of(members), key=lambda walk: (-int(max(walk.path)), walk.product_id, walk.sequence))
    spoken_for = sorted({one.enterprise_id or "" for one in members if one.reason == "enterprise_notice"})
    enterprises = list(_within(spoken_for, ENTERPRISES_ROOM, _size))
    listed = list(_within(walks, ROOM - sum(map(_size, enterprises)), _size_of_walk))
    data = {
        "headline": headline(members, language),
        "changes": len(members),
        "products": len({one.product_id for one in members}),
        "enterprises": enterprises,
        "enterprises_left_out": len(spoken_for) - len(enterprises),
        "levels": WORDS,
        "columns": ["product_id", "sequence", "path"],
        "listed": sum(len(walk.path) - 1 for walk in listed),
        "list": [walk.row for walk in listed],
        "overtaken": sorted({walk.product_id for walk in listed if walk.overtaken}),
        "all": f"/v1/decisions?delivery_id={delivery_id.hex()}",
    }
    return _written({"type": "level.changes", "data": data})


def headline(members: Sequence[Member], language: str) -> str:
    """Return one sentence in the reader's language."""
    newest = {one.product_id: one for one in sorted(members, key=lambda one: one.sequence)}
    top = max(newest.values(), key=lambda one: (one.after, one.product_id), default=None)
    return HEADLINES[language].format(
        changes=len(members),
        products=len(newest),
        product=top.product_id if top else "-",
        level=level_name(Level(top.after if top else 0), language),
    )


def walks_of(members: Iterable[Member]) -> list[Walk]:
    """Return the changes as walks; a gap, or a change that begins elsewhere, begins a new one."""
    walks: list[Walk] = []
    for one in sorted(members, key=lambda one: (one.product_id, one.sequence)):
        if not walks or walks[-1].product_id != one.product_id or not walks[-1].takes(one):
            walks.append(Walk(one.product_id, one.sequence, str(one.before)))
        walks[-1].path += str(one.after)
        walks[-1].overtaken = one.overtaken
    return walks


def _within(found: Iterable[Listed], room: int, size: Callable[[Listed], int]) -> Iterable[Listed]:
    for one in found:
        room -= size(one)
        if room < 0:
            return
        yield one


def _size(value: object) -> int:
    """Return the bytes of one of a list, with the comma."""
    return len(_written(value)) + 1


def _size_of_walk(walk: Walk) -> int:
    return _size((*walk.row, walk.product_id) if walk.overtaken else walk.row)


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
