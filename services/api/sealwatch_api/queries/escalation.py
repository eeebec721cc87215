"""How long the offices of an organisation have to acknowledge."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

_RULES = """
select level, remind_seconds, climb_seconds, recorded_at, recorded_by from registry.escalation_rules
where organisation_id = :organisation order by level
"""
_RECORD = """
insert into registry.escalation_rules
    (organisation_id, level, remind_seconds, climb_seconds, recorded_at, recorded_by)
values (:organisation, :level, :remind_seconds, :climb_seconds, :now, :by)
on conflict (organisation_id, level) do update
set remind_seconds = excluded.remind_seconds, climb_seconds = excluded.climb_seconds,
    recorded_at = excluded.recorded_at, recorded_by = excluded.recorded_by
"""
# They stay where they are, and are counted anew under the spans that hold now.
_LOOK_AGAIN = (
    "update alerting.watches set next_at = :now where organisation_id = :organisation and next_at > :now"
)


async def rules(connection: AsyncConnection, organisation: str) -> Sequence[RowMapping]:
    """Return the spans that an organisation has set, by level; none where the usual ones hold."""
    return (await connection.execute(text(_RULES), {"organisation": organisation})).mappings().all()


async def record(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Write the spans of an organisation, level by level."""
    await connection.execute(text(_RECORD), list(rows))


async def look_again(connection: AsyncConnection, organisation: str, now: datetime) -> None:
    """Let every chain that runs be looked at, since its next instant was counted under other spans."""
    await connection.execute(text(_LOOK_AGAIN), {"organisation": organisation, "now": now})
