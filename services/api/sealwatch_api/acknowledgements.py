"""Acknowledging a warning over the api, and who acknowledged what."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import RowMapping

from sealwatch.contracts.base import derived_uid
from sealwatch.shell.acknowledging import acknowledge, count
from sealwatch_api.auth import Access, WarningsAcknowledger, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import Acknowledged, HexId
from sealwatch_api.problems import not_found
from sealwatch_api.queries import acknowledgements as queries
from sealwatch_api.views import Acknowledgement, Acknowledgements

router = APIRouter(tags=["acknowledgements"])
Said = Annotated[Acknowledged, Depends(sent(Acknowledged))]
_IDS = ("acknowledgement_id", "notice_id", "delivery_id")


@router.post(
    "/v1/deliveries/{delivery_id}/acknowledgements", status_code=201, openapi_extra=accepts(Acknowledged)
)
async def acknowledge_delivery(
    access: WarningsAcknowledger, delivery_id: HexId, said: Said
) -> Acknowledgement:
    """Acknowledge what a delivery told; one that gathered many acknowledges them all."""
    return await _acknowledge(access, said, delivery_id=bytes.fromhex(delivery_id))


@router.post("/v1/notices/{notice_id}/acknowledgements", status_code=201, openapi_extra=accepts(Acknowledged))
async def acknowledge_notice(access: WarningsAcknowledger, notice_id: HexId, said: Said) -> Acknowledgement:
    """Acknowledge a notice for one's own organisation, however it was told."""
    return await _acknowledge(access, said, notice_id=bytes.fromhex(notice_id))


@router.get("/v1/notices/{notice_id}/acknowledgements")
async def list_acknowledgements(access: WarningsReader, notice_id: HexId) -> Acknowledgements:
    """List who of one's own organisation acknowledged a notice, oldest first."""
    async with access.transaction() as connection:
        rows = await queries.of_notice(connection, access.organisation, bytes.fromhex(notice_id))
    return Acknowledgements(items=[_shown(row) for row in rows])


async def _acknowledge(
    access: Access, said: Acknowledged, *, delivery_id: bytes | None = None, notice_id: bytes | None = None
) -> Acknowledgement:
    who = f"{said.name.strip()} ({access.caller.person})" if said.name.strip() else access.caller.person
    about = delivery_id or notice_id or b""
    uid = derived_uid("acknowledgement", about.hex(), who, said.answer, "api", access.organisation)
    values = {"id": uid, "who": who, "answer": said.answer, "via": "api", "organisation": access.organisation}
    subject = {"delivery_id": delivery_id, "notice_id": notice_id}
    async with access.transaction() as connection:
        if not await queries.is_told(connection, access.organisation, delivery_id, notice_id):
            raise not_found()
        words = await acknowledge(connection, values | subject, access.parts.clock())
        row = await queries.find(connection, uid)
    count(words)
    if row is None:
        raise not_found()
    return _shown(row)


def _shown(row: RowMapping) -> Acknowledgement:
    ids = {name: row[name].hex() if row[name] else None for name in _IDS}
    return Acknowledgement.model_validate({**row, **ids})
