"""Endpoints of webhooks: their health, secrets, a test, and what changes about them."""

import base64
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.auth import Access, SubscriptionsAdmin, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.endpoint_forms import Rotation
from sealwatch_api.endpoint_views import EndpointHealth, OwnerNews, Queued, Rotated
from sealwatch_api.forms import HexId
from sealwatch_api.parts import Parts
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit
from sealwatch_api.queries import endpoints as queries

router = APIRouter(tags=["endpoints"])
SECRET_BYTES, ID_BYTES = 32, 16
MOST_SIGNATURES = 4  # a header of signatures stays below 300 bytes; ours


def new_secret(parts: Parts) -> str:
    """Return a new Standard Webhooks secret."""
    return "whsec_" + base64.b64encode(parts.randomness(SECRET_BYTES)).decode()


async def check_url(parts: Parts, url: str) -> None:
    """Raise Declined unless a webhook may be sent there; which rule says no is not told."""
    try:
        await parts.check_url(url)
    except ValueError:
        raise Declined(422, "url_not_allowed") from None


@router.get("/v1/subscriptions/{subscription_id}/health")
async def get_health(access: WarningsReader, subscription_id: HexId) -> EndpointHealth:
    """Show how an endpoint stands: its last success, failures since, how fast it answers."""
    uid = bytes.fromhex(subscription_id)
    async with access.transaction() as connection:
        row = await _endpoint(connection, access, uid)
        speed = await queries.speed(connection, uid)
        news = await queries.owner_news(connection, uid)
    told = [OwnerNews.model_validate(dict(one)) for one in news]
    own = {"subscription_id": subscription_id, "state": _state(row), "owner_news": told}
    return EndpointHealth.model_validate({**row, **speed, **own})


@router.post("/v1/subscriptions/{subscription_id}/secret", openapi_extra=accepts(Rotation))
async def rotate_secret(
    access: SubscriptionsAdmin, subscription_id: HexId, wish: Annotated[Rotation, Depends(sent(Rotation))]
) -> Rotated:
    """Make a new secret, shown this once; the old one signs beside it for the overlap.

    An overlap of 0 also ends those that were still signing from rotations before.
    """
    uid, now, secret = bytes.fromhex(subscription_id), access.parts.clock(), new_secret(access.parts)
    until = now + timedelta(seconds=wish.overlap_seconds)
    async with access.transaction() as connection:
        row = await _endpoint(connection, access, uid)
        if wish.overlap_seconds and row["signing_secrets"] >= MOST_SIGNATURES:
            raise Declined(409, "rotations_overlap")
        values = {"id": uid, "organisation": access.organisation, "now": now, "until": until}
        await queries.rotate(connection, values | {"sealed": access.parts.seal(secret.encode())})
        deed = audit.Deed("secret.rotated", subscription_id, {"old_signs_until": until})
        await audit.keep(connection, access, deed)
    return Rotated(secret=secret, old_signs_until=until)


@router.post("/v1/subscriptions/{subscription_id}/test", status_code=202)
async def send_test(access: SubscriptionsAdmin, subscription_id: HexId) -> Queued:
    """Send a test through the queue, the signatures and the checks that warnings go through."""
    uid, delivery_id = bytes.fromhex(subscription_id), access.parts.randomness(ID_BYTES)
    async with access.transaction() as connection:
        await enabled(connection, access, uid)
        values = {"id": delivery_id, "subscription": uid, "organisation": access.organisation}
        await queries.queue_trial(connection, values | {"now": access.parts.clock()})
        deed = audit.Deed("endpoint.tested", subscription_id, {"delivery_id": delivery_id.hex()})
        await audit.keep(connection, access, deed)
    return Queued(delivery_id=delivery_id.hex())


@router.post("/v1/subscriptions/{subscription_id}/enable")
async def enable_endpoint(access: SubscriptionsAdmin, subscription_id: HexId) -> EndpointHealth:
    """Switch an endpoint on again; what it missed is sent by a replay."""
    uid = bytes.fromhex(subscription_id)
    async with access.transaction() as connection:
        await _endpoint(connection, access, uid)
        if await queries.enable(connection, uid):
            await audit.keep(connection, access, audit.Deed("endpoint.enabled", subscription_id))
    return await get_health(access, subscription_id)


async def enabled(connection: AsyncConnection, access: Access, subscription_id: bytes) -> None:
    """Raise Declined unless this is an endpoint of one's own that is switched on."""
    row = await _endpoint(connection, access, subscription_id)
    if row["disabled_at"] is not None:
        raise Declined(409, "endpoint_disabled")


async def _endpoint(connection: AsyncConnection, access: Access, subscription_id: bytes) -> RowMapping:
    row = await queries.find(connection, access.organisation, subscription_id, access.parts.clock())
    if row is None:
        raise not_found()
    return row


def _state(row: RowMapping) -> str:
    if row["disabled_at"] is not None:
        return "disabled"
    if row["last_attempt_at"] is None:
        return "untried"
    return "healthy" if row["failing_since"] is None else "failing"
