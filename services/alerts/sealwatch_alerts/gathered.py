"""The words of a message that gathers many changes: every one is listed, in little room."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sealwatch.risk.policy import Level
from sealwatch_alerts.message import level_name

ROOM = 18_000  # bytes for the list, of the 20 KB that Standard Webhooks asks to stay below; ours
HEADLINES = {
    "en": "{changes} level changes of {products} products; now at the highest: {product}, {level}",
    "zh": "{products}个产品共{changes}次等级变化；目前最高：{product}，{level}",  # noqa: RUF001  # Chinese punctuation
}
WORDS = [level.word for level in Level]


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


def render_many(delivery_id: bytes, members: Sequence[Member], language: str) -> bytes:
    """Return the body; what the list has no room for is counted, and found by the id of the delivery."""
    runs = runs_of(members)
    listed = list(_within(sorted(runs, key=lambda run: (-run["peak"], run["product_id"])), ROOM))
    data = {
        "headline": headline(members, language),
        "changes": len(members),
        "products": len({one.product_id for one in members}),
        "enterprises": sorted(
            {one.enterprise_id or "" for one in members if one.reason == "enterprise_notice"}
        ),
        "levels": WORDS,
        "listed": sum(len(run["path"]) - 1 for run in listed),
        "list": listed,
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


def runs_of(members: Iterable[Member]) -> list[dict[str, Any]]:
    """Return the changes of each product as walks: the level before the first, then the level after each.

    Numbers stand for the places in ``levels``; ``sequence`` is that of the first change of the walk,
    the others follow by one. A gap, or a change that does not begin where the last one ended, begins a
    new walk.
    """
    runs: list[dict[str, Any]] = []
    in_order = sorted(members, key=lambda one: (one.product_id, one.sequence))
    for product_id, changes in groupby(in_order, key=lambda one: one.product_id):
        run: dict[str, Any] = {}
        for one in changes:
            if not run or not _follows(run, one):
                run = {"product_id": product_id, "sequence": one.sequence, "path": str(one.before), "peak": 0}
                runs.append(run)
            run["path"] += str(one.after)
            run["peak"] = max(run["peak"], one.after)
            run["overtaken"] = one.overtaken
    return runs


def _follows(run: dict[str, Any], one: Member) -> bool:
    path: str = run["path"]
    return bool(run["sequence"] + len(path) - 1 == one.sequence and path[-1] == str(one.before))


def _within(runs: Iterable[dict[str, Any]], room: int) -> Iterable[dict[str, Any]]:
    for run in runs:
        room -= len(_written(run)) + 1
        if room < 0:
            return
        yield run


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
