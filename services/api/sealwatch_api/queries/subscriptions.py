"""Subscriptions of an organisation's departments; a deleted one is kept and marked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import where

_SEEN = """
select s.subscription_id, s.department, s.department_id, s.channel, s.url, s.address, s.digest,
       s.minimum_level, s.categories, s.regions, s.enterprises, s.factors, s.products, s.kinds, s.language,
       s.created_at, s.contact, s.digest_seconds, s.paused_until, e.disabled_at, e.reason as disabled_reason
from registry.subscriptions s left join alerting.endpoints e on e.subscription_id = s.subscription_id
"""
_INSERT = """
insert into registry.subscriptions
    (subscription_id, organisation_id, department, department_id, channel, url, address, digest,
     digest_seconds, secret_sealed, minimum_level, categories, regions, enterprises, factors, products,
     kinds, language, contact, created_at)
values (:subscription_id, :organisation, :department, :department_id, :channel, :url, :address, :digest,
        :digest_seconds, :secret_sealed, :minimum_level, :categories, :regions, :enterprises, :factors,
        :products, :kinds, :language, :contact, :created_at)
"""
_DELETE = """
update registry.subscriptions set deleted_at = :now
where subscription_id = :id and organisation_id = :organisation and deleted_at is null
returning subscription_id
"""
_STANDING = ["s.organisation_id = :organisation", "s.deleted_at is null"]


async def insert(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Write a new subscription."""
    await connection.execute(text(_INSERT), dict(values))


async def listed(
    connection: AsyncConnection, organisation: str, after: tuple[datetime, bytes] | None, most: int
) -> Sequence[RowMapping]:
    """Return subscriptions of an organisation, oldest first."""
    beyond = ["(s.created_at, s.subscription_id) > (:at, :uid)"] if after else []
    values = {"organisation": organisation, "most": most}
    bounds = {"at": after[0], "uid": after[1]} if after else {}
    found = await connection.execute(
        text(
            f"{_SEEN} where {where([*_STANDING, *beyond])} "
            "order by s.created_at, s.subscription_id limit :most"
        ),
        values | bounds,
    )
    return found.mappings().all()


async def find(
    connection: AsyncConnection, organisation: str, subscription_id: bytes, *, lock: bool = False
) -> RowMapping | None:
    """Return one subscription of an organisation, held until the transaction ends if asked."""
    held = " for update of s" if lock else ""
    found = await connection.execute(
        text(f"{_SEEN} where {where(_STANDING)} and s.subscription_id = :id{held}"),
        {"organisation": organisation, "id": subscription_id},
    )
    return found.mappings().one_or_none()


async def change(connection: AsyncConnection, subscription_id: bytes, columns: Mapping[str, Any]) -> None:
    """Write these columns, which a form names."""
    named = ", ".join(f"{name} = :{name}" for name in columns)
    sql = f"update registry.subscriptions set {named} where subscription_id = :subscription_id"  # noqa: S608  # ours
    await connection.execute(text(sql), {**columns, "subscription_id": subscription_id})


async def delete(
    connection: AsyncConnection, organisation: str, subscription_id: bytes, now: datetime
) -> bool:
    """End a subscription of an organisation; return whether it was there."""
    values = {"organisation": organisation, "id": subscription_id, "now": now}
    return await connection.scalar(text(_DELETE), values) is not None
