"""Replays: deliveries that ended are sent again under their old ids, in the order they were made."""

from typing import Annotated

from fastapi import APIRouter, Depends

from sealwatch_api.auth import SubscriptionsAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.endpoint_forms import KEPT, ReplayRange
from sealwatch_api.endpoint_views import Queued, Replays
from sealwatch_api.endpoints import enabled
from sealwatch_api.forms import HexId
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit, warnings
from sealwatch_api.queries import replays as queries

router = APIRouter(tags=["endpoints"])


@router.post("/v1/deliveries/{delivery_id}/replay", status_code=202)
async def replay_delivery(access: SubscriptionsAdmin, delivery_id: HexId) -> Queued:
    """Send one delivery again that was made in the last 30 days and has ended."""
    uid, now = bytes.fromhex(delivery_id), access.parts.clock()
    async with access.transaction() as connection:
        row = await warnings.delivery(connection, access.organisation, uid)
        if row is None:
            raise not_found()
        await enabled(connection, access, row["subscription_id"])
        if row["state"] == "pending":
            raise Declined(409, "delivery_pending")
        if row["created_at"] < now - KEPT:
            raise Declined(409, "delivery_too_old")
        await queries.replay(connection, {"ids": [uid], "now": now})
        deed = audit.Deed("delivery.replayed", delivery_id, {"was": row["state"]})
        await audit.keep(connection, access, deed)
    return Queued(delivery_id=delivery_id)


@router.post(
    "/v1/subscriptions/{subscription_id}/replay", status_code=202, openapi_extra=accepts(ReplayRange)
)
async def replay_range(
    access: SubscriptionsAdmin,
    subscription_id: HexId,
    wish: Annotated[ReplayRange, Depends(sent(ReplayRange))],
) -> Replays:
    """Send again what an endpoint missed in a span; each once, in the order in which it was made."""
    uid, now = bytes.fromhex(subscription_id), access.parts.clock()
    span = {"since": max(wish.since, now - KEPT), "until": wish.until or now}
    async with access.transaction() as connection:
        await enabled(connection, access, uid)
        asked = {"subscription": uid, "organisation": access.organisation, "states": list(wish.states)}
        found = await queries.ended(connection, asked | span)
        if found:
            await queries.replay(connection, {"ids": found, "now": now})
        detail = {**span, "states": wish.states, "deliveries": len(found)}
        await audit.keep(connection, access, audit.Deed("endpoint.replayed", subscription_id, detail))
    return Replays(deliveries=len(found), first=found[0].hex() if found else None)
