"""Silences of an organisation, and its rules of how often it is told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.routing.scope import prefix_of
from sealwatch.shell.audience import IS_APPROVED, SILENCED_PRODUCTS
from sealwatch_api.queries.clauses import where

_COLUMNS = f"""
silence_id, department_id, categories, regions, enterprises, factors, products, reason, owner, starts_at,
expires_at, created_at, matched_products, most_products, approved_by, approved_at, ended_by, ended_at,
{SILENCED_PRODUCTS} as silenced_products, {IS_APPROVED} as is_approved
"""
_INSERT = f"""
insert into registry.silences
    (silence_id, organisation_id, department_id, categories, regions, enterprises, factors, products, reason,
     owner, starts_at, expires_at, created_at, matched_products, most_products)
values (:silence_id, :organisation, :department_id, :categories, :regions, :enterprises, :factors, :products,
        :reason, :owner, :starts_at, :expires_at, :now, :matched, :most_products)
returning {_COLUMNS}
"""  # noqa: S608  # our own names
_APPROVE = f"""
update registry.silences set approved_by = :by, approved_at = :now
where organisation_id = :organisation and silence_id = :id and approved_by is null and ended_at is null
returning {_COLUMNS}
"""  # noqa: S608  # our own names
_END = f"""
update registry.silences set ended_by = coalesce(ended_by, :by), ended_at = coalesce(ended_at, :now)
where organisation_id = :organisation and silence_id = :id returning {_COLUMNS}
"""  # noqa: S608  # our own names
_MATCHED = """
select count(*) from registry.products p full join scoring.product_state s on s.product_id = p.product_id
where (cast(:categories as text[]) is null or coalesce(p.category, s.category) = any(:categories))
  and (cast(:enterprises as text[]) is null or coalesce(p.enterprise_id, s.enterprise_id) = any(:enterprises))
  and (cast(:factors as text[]) is null or s.main_factor = any(:factors))
  and (cast(:products as text[]) is null or coalesce(p.product_id, s.product_id) = any(:products))
  and (cast(:prefixes as text[]) is null
       or coalesce(p.region, s.region) ^@ any(cast(:prefixes as text[])))
"""
_RULES = """
select window_seconds, most_messages, repeat_seconds, inhibit_products, inhibit_seconds, silence_products,
       recorded_at, recorded_by
from registry.routing_rules where organisation_id = :organisation
"""
_RECORD_RULES = """
insert into registry.routing_rules
    (organisation_id, window_seconds, most_messages, repeat_seconds, inhibit_products, inhibit_seconds,
     silence_products, recorded_at, recorded_by)
values (:organisation, :window_seconds, :most_messages, :repeat_seconds, :inhibit_products, :inhibit_seconds,
        :silence_products, :now, :by)
on conflict (organisation_id) do update
set window_seconds = excluded.window_seconds, most_messages = excluded.most_messages,
    repeat_seconds = excluded.repeat_seconds, inhibit_products = excluded.inhibit_products,
    inhibit_seconds = excluded.inhibit_seconds, silence_products = excluded.silence_products,
    recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by
"""


async def matched(connection: AsyncConnection, lists: Mapping[str, Sequence[str] | None]) -> int:
    """Return how many known products a scope matches; a list that is null lets all through."""
    regions = lists["regions"]
    prefixes = [prefix_of(area) for area in regions] if regions else None
    return int(await connection.scalar(text(_MATCHED), {**lists, "prefixes": prefixes}) or 0)


async def insert(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping:
    """Write a silence and return its row."""
    return (await connection.execute(text(_INSERT), dict(values))).mappings().one()


async def find(connection: AsyncConnection, organisation: str, silence_id: bytes) -> RowMapping | None:
    """Return one silence of an organisation."""
    found = await connection.execute(
        text(
            f"select {_COLUMNS} from registry.silences "  # noqa: S608  # our own names
            "where organisation_id = :organisation and silence_id = :id"
        ),
        {"organisation": organisation, "id": silence_id},
    )
    return found.mappings().one_or_none()


async def listed(
    connection: AsyncConnection, organisation: str, after: tuple[datetime, bytes] | None, most: int
) -> Sequence[RowMapping]:
    """Return silences of an organisation, newest first, those that are over too."""
    beyond = ["(created_at, silence_id) < (:at, :uid)"] if after else []
    values = {"organisation": organisation, "most": most} | (
        {"at": after[0], "uid": after[1]} if after else {}
    )
    found = await connection.execute(
        text(
            f"select {_COLUMNS} from registry.silences "  # noqa: S608  # our own names
            f"where {where(['organisation_id = :organisation', *beyond])} "
            "order by created_at desc, silence_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def approve(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping | None:
    """Approve a silence that nobody approved or ended, and return its row."""
    return (await connection.execute(text(_APPROVE), dict(values))).mappings().one_or_none()


async def end(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping | None:
    """End a silence and return its row; the first end stands."""
    return (await connection.execute(text(_END), dict(values))).mappings().one_or_none()


async def rules(connection: AsyncConnection, organisation: str) -> RowMapping | None:
    """Return the rules of an organisation, or None where the usual ones hold."""
    found = await connection.execute(text(_RULES), {"organisation": organisation})
    return found.mappings().one_or_none()


async def record_rules(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write the rules of an organisation."""
    await connection.execute(text(_RECORD_RULES), dict(values))
