"""Devices of one's own monitoring points."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from sealwatch.contracts.base import Id
from sealwatch.contracts.registry import DeviceEntry, RecordedIndicator
from sealwatch.shell import outbox
from sealwatch_api.auth import DevicesAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import DeviceFacts
from sealwatch_api.problems import not_found
from sealwatch_api.queries import devices as queries
from sealwatch_api.registry import LANE, entry_record
from sealwatch_api.views import Device

router = APIRouter(tags=["devices"])


@router.put("/v1/devices/{device_id}", openapi_extra=accepts(DeviceFacts))
async def put_device(
    access: DevicesAdmin,
    device_id: Id,
    facts: Annotated[DeviceFacts, Depends(sent(DeviceFacts))],
    response: Response,
) -> Device:
    """Record a device and tell intake of it."""
    now, until = access.parts.clock(), facts.calibrated_until
    entry = DeviceEntry(
        device_id=device_id,
        organisation_id=access.organisation,
        point_id=facts.point_id,
        period_seconds=facts.period_seconds,
        calibrated_until=until.isoformat() if until else None,
        indicators=tuple(RecordedIndicator.model_validate(one.model_dump()) for one in facts.indicators),
    )
    async with access.transaction() as connection:
        if await queries.record(connection, entry, until, now):
            response.status_code = 201
        await outbox.add(connection, "registry", LANE, [entry_record(entry, access.caller.stamp, now)])
    return Device(
        device_id=device_id,
        point_id=facts.point_id,
        period_seconds=facts.period_seconds,
        calibrated_until=until,
        indicators=facts.indicators,
        recorded_at=now,
    )


@router.get("/v1/devices/{device_id}")
async def get_device(access: DevicesAdmin, device_id: Id) -> Device:
    """Show one device."""
    async with access.transaction() as connection:
        row = await queries.find(connection, access.organisation, device_id)
    if row is None:
        raise not_found()
    return Device.model_validate(dict(row))
