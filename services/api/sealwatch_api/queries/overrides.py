"""What named persons said of levels: rows that are added and never touched again."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

LOCK_CLASS = 0x5EA4  # advisory locks by product: words on one product come one after the other; ours
_WORDS = """
select product_id, revision, level, reason, expires_at, before_level, recorded_at, recorded_by
from registry.level_overrides where product_id = :product_id
"""
_KEEP = """
insert into registry.level_overrides
    (product_id, revision, level, reason, expires_at, before_level, recorded_at, recorded_by, key_id)
values (:product_id, :revision, :level, :reason, :expires_at, :before_level, :recorded_at, :recorded_by,
        :key_id)
"""


async def lock(connection: AsyncConnection, product_id: str) -> None:
    """Let nobody else say anything of this product's level until this transaction ends."""
    statement = text("select pg_advisory_xact_lock(:class, hashtext(:product_id))")
    await connection.execute(statement, {"class": LOCK_CLASS, "product_id": product_id})


async def newest(connection: AsyncConnection, product_id: str) -> RowMapping | None:
    """Return the newest word on a product's level."""
    rows = await listed(connection, product_id, None, 1)
    return rows[0] if rows else None


async def find(connection: AsyncConnection, product_id: str, revision: int) -> RowMapping | None:
    """Return one word on a product's level."""
    found = await connection.execute(
        text(f"{_WORDS} and revision = :revision"), {"product_id": product_id, "revision": revision}
    )
    return found.mappings().one_or_none()


async def keep(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Keep a word for ever."""
    await connection.execute(text(_KEEP), dict(values))


async def listed(
    connection: AsyncConnection, product_id: str, before: int | None, most: int
) -> Sequence[RowMapping]:
    """Return the words on a product's level, newest first."""
    found = await connection.execute(
        text(
            f"{_WORDS} and revision < coalesce(cast(:before as integer), 2147483647) "
            "order by revision desc limit :most"
        ),
        {"product_id": product_id, "before": before, "most": most},
    )
    return found.mappings().all()
