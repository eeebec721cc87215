"""Departments of an organisation and the offices above them; one that is closed is kept and marked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import where

_COLUMNS = "department_id, name, parent_id, created_at"
_RECORD = """
insert into registry.departments (organisation_id, department_id, name, parent_id, created_at)
values (:organisation, :department_id, :name, :parent_id, :now)
on conflict (organisation_id, department_id) do update
set name = excluded.name, parent_id = excluded.parent_id, deleted_at = null
returning xmax = 0 as is_new
"""
_CLOSE = """
update registry.departments set deleted_at = :now
where organisation_id = :organisation and department_id = :id and deleted_at is null returning department_id
"""
_USED = """
select exists (select from registry.subscriptions
               where organisation_id = :organisation and department_id = :id and deleted_at is null)
    or exists (select from registry.departments
               where organisation_id = :organisation and parent_id = :id and deleted_at is null)
"""
_STANDING = ["organisation_id = :organisation", "deleted_at is null"]


async def lock(connection: AsyncConnection, organisation: str) -> None:
    """Let changes of an organisation's tree follow one another until the transaction ends."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"departments/{organisation}"},
    )


async def parents(connection: AsyncConnection, organisation: str) -> dict[str, str | None]:
    """Return the office above each department that is not closed."""
    found = await connection.execute(
        text(f"select department_id, parent_id from registry.departments where {where(_STANDING)}"),  # noqa: S608  # our own names
        {"organisation": organisation},
    )
    return {row.department_id: row.parent_id for row in found}


async def record(connection: AsyncConnection, values: dict[str, Any]) -> bool:
    """Write a department as it is now; return whether it is a new one."""
    return bool((await connection.execute(text(_RECORD), values)).scalar_one())


async def listed(
    connection: AsyncConnection, organisation: str, after: str | None, most: int
) -> Sequence[RowMapping]:
    """Return departments by id."""
    conditions = where([*_STANDING, *(["department_id > :after"] if after else [])])
    found = await connection.execute(
        text(
            f"select {_COLUMNS} from registry.departments where {conditions} "  # noqa: S608  # our own names
            "order by department_id limit :most"
        ),
        {"organisation": organisation, "most": most} | ({"after": after} if after else {}),
    )
    return found.mappings().all()


async def find(connection: AsyncConnection, organisation: str, department_id: str) -> RowMapping | None:
    """Return one department."""
    found = await connection.execute(
        text(f"select {_COLUMNS} from registry.departments where {where(_STANDING)} and department_id = :id"),  # noqa: S608  # our own names
        {"organisation": organisation, "id": department_id},
    )
    return found.mappings().one_or_none()


async def is_used(connection: AsyncConnection, organisation: str, department_id: str) -> bool:
    """Return whether a department has subscriptions, or offices below it."""
    values = {"organisation": organisation, "id": department_id}
    return bool(await connection.scalar(text(_USED), values))


async def close(connection: AsyncConnection, organisation: str, department_id: str, now: datetime) -> bool:
    """Close a department; return whether it was there."""
    values = {"organisation": organisation, "id": department_id, "now": now}
    return await connection.scalar(text(_CLOSE), values) is not None
