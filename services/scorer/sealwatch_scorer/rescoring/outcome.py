"""What a rescoring came to, beside the live state: what differs, and who would change level."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY, encode
from sealwatch_scorer.rescoring import sql

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where live scoring has gone since, and the first of the differences with their number."""

    moved: Sequence[int]
    products: Sequence[Row]
    count: int
    groups: int

    @property
    def equal(self) -> bool:
        """Return whether nothing differs."""
        return not (self.moved or self.count or self.groups)


@dataclass(frozen=True, slots=True)
class Blast:
    """How many products stand where, live and in the shadow, and the first of those that would move."""

    moves: Sequence[Row]
    movers: Sequence[Row]

    @property
    def products(self) -> int:
        """Return how many products would change level."""
        return sum(row["products"] for row in self.moves if row["live"] != row["shadow"])


async def compared(driver: asyncpg.Connection, name: str, most: int) -> Comparison:
    """Return how a finished rescoring differs from the live state, in one snapshot."""
    async with driver.transaction(isolation="repeatable_read", readonly=True):
        moved = [row["partition"] for row in await driver.fetch(sql.MOVED, name, EVIDENCE.name)]
        rows = await driver.fetch(sql.DIFFERENT, name, most)
        groups = await driver.fetchval(sql.DIFFERENT_ROLLUPS, name, encode(EMPTY))
    return Comparison(moved, [_difference(row) for row in rows], rows[0]["count"] if rows else 0, groups)


async def blast_of(driver: asyncpg.Connection, name: str, most: int) -> Blast:
    """Return who would change level if this shadow were the live state."""
    async with driver.transaction(isolation="repeatable_read", readonly=True):
        moves = [_worded(row) for row in await driver.fetch(sql.MOVES, name)]
        movers = [_worded(row) for row in await driver.fetch(sql.MOVERS, name, most)]
    return Blast(moves, movers)


def _worded(row: asyncpg.Record) -> Row:
    return dict(row) | {side: _word(row[side]) for side in ("live", "shadow")}


def _word(level: int | None) -> str | None:
    return None if level is None else Level(level).word


def _difference(row: asyncpg.Record) -> Row:
    """Return the columns of a product that differ, each as it is live and in the shadow."""
    live, shadow = (json.loads(row[side] or "{}") for side in ("live", "shadow"))
    names = [name for name in {**live, **shadow} if live.get(name) != shadow.get(name)]
    told = {name: [live.get(name), shadow.get(name)] for name in names if name not in _OF_POLLS}
    return {"product_id": row["product_id"], "sums_differ": row["sums_differ"], "columns": told}


_OF_POLLS = frozenset({"name", "revision", "epoch", "published_index", "published_on"})
