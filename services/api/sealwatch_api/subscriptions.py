"""Subscriptions of one's own departments to warnings."""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping

from sealwatch_api.auth import SubscriptionsAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import HexId, NewSubscription
from sealwatch_api.levels import rank, word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import subscriptions as queries
from sealwatch_api.views import MadeSubscription, Subscription

router = APIRouter(tags=["subscriptions"])
ID_BYTES, SECRET_BYTES = 16, 32
_LISTS = ("categories", "regions", "enterprises")


@router.post("/v1/subscriptions", status_code=201, openapi_extra=accepts(NewSubscription))
async def post_subscription(
    access: SubscriptionsAdmin, wish: Annotated[NewSubscription, Depends(sent(NewSubscription))]
) -> MadeSubscription:
    """Subscribe a department; the secret of the signatures is shown this once."""
    parts = access.parts
    try:
        await parts.check_url(wish.url)
    except ValueError:
        raise Declined(422, "url_not_allowed") from None
    secret = "whsec_" + base64.b64encode(parts.randomness(SECRET_BYTES)).decode()
    subscription_id = parts.randomness(ID_BYTES)
    values = wish.model_dump(exclude={*_LISTS, "minimum_level"})
    values |= {name: list(getattr(wish, name)) or None for name in _LISTS}
    values |= {
        "subscription_id": subscription_id,
        "organisation": access.organisation,
        "secret_sealed": parts.seal(secret.encode()),
        "minimum_level": rank(wish.minimum_level),
        "created_at": parts.clock(),
    }
    async with access.transaction() as connection:
        await queries.insert(connection, values)
        row = await queries.find(connection, access.organisation, subscription_id)
    if row is None:
        raise not_found()
    return MadeSubscription(**dict(_shown(row)), secret=secret)


@router.get("/v1/subscriptions")
async def list_subscriptions(
    access: SubscriptionsAdmin, asked: Annotated[Asked, Query()]
) -> Page[Subscription]:
    """List the subscriptions of one's own organisation, oldest first."""
    reading = Reading(access, "subscriptions", asked)
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation, reading.instant_after(), reading.most)
    return Page(
        items=[_shown(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["created_at"].isoformat(), row["subscription_id"].hex()]
        ),
    )


@router.get("/v1/subscriptions/{subscription_id}")
async def get_subscription(access: SubscriptionsAdmin, subscription_id: HexId) -> Subscription:
    """Show one subscription."""
    async with access.transaction() as connection:
        row = await queries.find(connection, access.organisation, bytes.fromhex(subscription_id))
    if row is None:
        raise not_found()
    return _shown(row)


@router.delete("/v1/subscriptions/{subscription_id}", status_code=204)
async def delete_subscription(access: SubscriptionsAdmin, subscription_id: HexId) -> None:
    """End a subscription."""
    async with access.transaction() as connection:
        ended = await queries.delete(
            connection, access.organisation, bytes.fromhex(subscription_id), access.parts.clock()
        )
    if not ended:
        raise not_found()


def _shown(row: RowMapping) -> Subscription:
    lists = {name: row[name] or [] for name in _LISTS}
    own = {"subscription_id": row["subscription_id"].hex(), "minimum_level": word(row["minimum_level"])}
    return Subscription.model_validate({**row, **lists, **own})
