"""What became of an event that was accepted."""

from fastapi import APIRouter
from sqlalchemy import RowMapping

from sealwatch_api.auth import EventsWriter
from sealwatch_api.forms import HexId
from sealwatch_api.problems import Declined
from sealwatch_api.queries import receipts as queries
from sealwatch_api.views import Receipt, SetAside

router = APIRouter(tags=["receipts"])


@router.get("/v1/receipts/{uid}")
async def get_receipt(access: EventsWriter, uid: HexId) -> Receipt:
    """Show what became of an event of one's own organisation; 404 until the scorer has read it."""
    raw = bytes.fromhex(uid)
    async with access.transaction() as connection:
        event = await queries.event(connection, access.organisation, raw)
        aside = await queries.quarantined(connection, access.organisation, raw)
    set_aside = [SetAside(reason=row["reason"], recorded_at=row["appended"]) for row in aside]
    if event is not None:
        return _of_event(event, set_aside)
    if aside:
        return _of_quarantine(uid, aside[0], set_aside)
    raise Declined(404, "not_yet_known")


def _of_event(event: RowMapping, set_aside: list[SetAside]) -> Receipt:
    retracted_by = event["retracted_by"]
    return Receipt(
        uid=event["uid"].hex(),
        outcome="scored" if retracted_by is None else "retracted",
        product_id=event["product_id"],
        type=event["type"],
        source=event["source"],
        occurred_at=event["occurred_at"],
        recorded_at=event["appended"],
        retracted_by=None if retracted_by is None else retracted_by.hex(),
        set_aside=set_aside,
    )


def _of_quarantine(uid: str, first: RowMapping, set_aside: list[SetAside]) -> Receipt:
    return Receipt(
        uid=uid,
        outcome="quarantined",
        product_id=first["product_id"],
        type=None,
        source=None,
        occurred_at=None,
        recorded_at=first["appended"],
        retracted_by=None,
        set_aside=set_aside,
    )
