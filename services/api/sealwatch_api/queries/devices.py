"""Devices of an organisation's monitoring points."""

import json
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.registry import DeviceEntry

# xmax is 0 on a row that this statement inserted: how PostgreSQL tells an insert from an update.
_RECORD = """
insert into registry.devices
    (organisation_id, device_id, point_id, period_seconds, calibrated_until, indicators, recorded_at)
values (:organisation_id, :device_id, :point_id, :period_seconds, :until, cast(:indicators as jsonb), :now)
on conflict (organisation_id, device_id) do update
set point_id = excluded.point_id, period_seconds = excluded.period_seconds,
    calibrated_until = excluded.calibrated_until, indicators = excluded.indicators,
    recorded_at = excluded.recorded_at
returning xmax = 0 as is_new
"""
_FIND = """
select device_id, point_id, period_seconds, calibrated_until, indicators, recorded_at from registry.devices
where organisation_id = :organisation and device_id = :device_id
"""


async def record(
    connection: AsyncConnection, entry: DeviceEntry, until: datetime | None, now: datetime
) -> bool:
    """Record what is known of a device; return whether it is a new one."""
    values = entry.model_dump(include={"organisation_id", "device_id", "point_id", "period_seconds"})
    indicators = json.dumps([one.model_dump() for one in entry.indicators])
    told = {**values, "until": until, "indicators": indicators, "now": now}
    found = await connection.execute(text(_RECORD), told)
    return bool(found.scalar_one())


async def find(connection: AsyncConnection, organisation: str, device_id: str) -> RowMapping | None:
    """Return one device of an organisation."""
    find = text(_FIND).columns(indicators=JSONB)
    found = await connection.execute(find, {"organisation": organisation, "device_id": device_id})
    return found.mappings().one_or_none()
