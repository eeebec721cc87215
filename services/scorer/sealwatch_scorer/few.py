"""What a small poll writes, gathered and written in one statement: round trips are what few events cost.

Many go by COPY, whose rows cost less and whose statements cost more (store).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import asyncpg

from sealwatch.errors import Fenced
from sealwatch_scorer import sql
from sealwatch_scorer.rows import CHANGE_COLUMNS, STATE_TYPES

FEW = 100  # events of a poll up to which this is the cheaper way; measured in bench/README.md
Rows = Sequence[tuple[Any, ...]]

_TYPES = {
    "appended": "timestamptz", "partition": "int", "offset": "bigint", "uid": "bytea", "product_id": "text",
    "type": "text", "organisation": "text", "source": "text", "occurred_at": "timestamptz",
    "headers": "bytea", "body": "bytea", "folded": "bytea", "retracted_by": "bytea",
    "instant": "timestamptz", "bears": "smallint", "sequence": "int", "before": "smallint",
    "after": "smallint", "start_level": "smallint", "index": "double precision", "indicated": "smallint",
    "main_factor": "text", "reason": "text", "category": "text", "enterprise_id": "text", "region": "text",
    "severity_class": "smallint", "facts_revision": "int", "policy_version": "text",
    "last_event_uid": "bytea", "changed_at": "timestamptz", "state": "bytea", "model_level": "smallint",
    "below_since": "date", "lane": "int", "topic": "text", "key": "bytea", "value": "bytea",
    "dimension": "text", "products": "bigint",
}  # fmt: skip


def _arrays(names: Iterable[str], kinds: Mapping[str, str], first: int) -> str:
    """Return the call of unnest that takes these columns, the first one at this place."""
    return f"unnest({', '.join(f'${n}::{kinds[name]}[]' for n, name in enumerate(names, first))})"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


CLAIM = f"""
with incoming as materialized (
    select * from {_arrays(sql.CLAIM_TYPES, sql.CLAIM_TYPES, 1)} as c ({", ".join(sql.CLAIM_TYPES)})
), {sql.claiming("incoming")}
"""  # noqa: S608  # names come from the table of columns
_ROLLUPS, _DUE = (
    ("dimension", "value", "severity_class", "partition", "state", "products"),
    ("product_id", "partition"),
)
_PARTS = (
    ("events", sql.EVENT_COLUMNS, _TYPES),
    ("level_changes", CHANGE_COLUMNS, _TYPES),
    ("outbox", sql.OUTBOX_COLUMNS, _TYPES),
    ("product_state", (*STATE_TYPES,), STATE_TYPES),
    ("indices_due", _DUE, _TYPES),
    ("rollups", _ROLLUPS, _TYPES | {"value": "text"}),
)
_OVER = {
    "product_state": f"{sql.OVER_STATE} returning 1",
    "indices_due": sql.OVER_DUE,
    "rollups": sql.OVER_ROLLUP,
}
"""What follows an insert where the row may be there; rows of products are counted where they were written."""


@lru_cache
def _written(tables: frozenset[str]) -> str:
    """Return the statement that writes into these tables, and nothing else."""
    steps, first = [], 1
    for table, names, kinds in _PARTS:
        if table in tables:
            steps.append(
                f"in_{table} as (insert into scoring.{table} as old ({_quoted(names)}) "  # noqa: S608
                f"select * from {_arrays(names, kinds, first)} {_OVER.get(table, '')})"
            )
            first += len(names)
    saved = "(select count(*) from in_product_state)" if "product_state" in tables else "0"
    return f"with {', '.join(steps)} select {saved}"


@dataclass(slots=True)
class Gathered:
    """Rows by table, until they are written."""

    rows: dict[str, Rows] = field(default_factory=dict)

    def add(self, table: str, rows: Rows) -> None:
        """Take rows of a table; a poll has those of a table at once."""
        if rows:
            self.rows[table] = rows

    async def write(self, driver: asyncpg.Connection) -> None:
        """Write what was gathered, or raise Fenced where a product changed without us."""
        rows, self.rows = self.rows, {}
        if not rows:
            return
        columns = [column for table, *_ in _PARTS if table in rows for column in _turned(rows[table])]
        saved = await driver.fetchval(_written(frozenset(rows)), *columns)
        if saved != len(rows.get("product_state", ())):
            raise Fenced("a product changed without us")


def _turned(rows: Rows) -> Iterable[list[Any]]:
    return map(list, zip(*rows, strict=True))
