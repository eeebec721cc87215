"""Subscriptions of one's own departments to warnings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.routing.audience import USUAL
from sealwatch_api.auth import Access, SubscriptionsAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.endpoints import check_url, new_secret
from sealwatch_api.forms import HexId, NewSubscription
from sealwatch_api.levels import rank, word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit, departments
from sealwatch_api.queries import subscriptions as queries
from sealwatch_api.subscription_forms import LISTS, SubscriptionChange, columns_of, faults_of
from sealwatch_api.views import MadeSubscription, Subscription

router = APIRouter(tags=["subscriptions"])
ID_BYTES = 16


@router.post("/v1/subscriptions", status_code=201, openapi_extra=accepts(NewSubscription))
async def post_subscription(
    access: SubscriptionsAdmin, wish: Annotated[NewSubscription, Depends(sent(NewSubscription))]
) -> MadeSubscription:
    """Subscribe a department; the secret of a webhook's signatures is shown this once."""
    parts = access.parts
    if wish.url is not None:
        await check_url(parts, wish.url)
    secret = new_secret(parts) if wish.url else None
    subscription_id = parts.randomness(ID_BYTES)
    values = wish.model_dump(exclude={*LISTS, "minimum_level", "kinds"})
    values |= {name: list(getattr(wish, name)) or None for name in LISTS}
    values |= {
        "subscription_id": subscription_id,
        "organisation": access.organisation,
        "secret_sealed": parts.seal(secret.encode()) if secret else None,
        "minimum_level": rank(wish.minimum_level),
        "kinds": list(wish.kinds),
        "created_at": parts.clock(),
    }
    async with access.transaction() as connection:
        row = await _written(connection, access, values)
    return MadeSubscription(**dict(_shown(row)), secret=secret)


async def _written(connection: AsyncConnection, access: Access, values: dict[str, Any]) -> RowMapping:
    department_id, subscription_id = values["department_id"], values["subscription_id"]
    if department_id and not await departments.find(connection, access.organisation, department_id):
        raise Declined(422, "unknown_department")
    await queries.insert(connection, values)
    row = await queries.find(connection, access.organisation, subscription_id)
    if row is None:
        raise not_found()
    detail = {name: row[name] for name in ("department", "channel", "url", "address", "minimum_level")}
    await audit.keep(connection, access, audit.Deed("subscription.made", subscription_id.hex(), detail))
    return row


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


@router.patch("/v1/subscriptions/{subscription_id}", openapi_extra=accepts(SubscriptionChange))
async def change_subscription(
    access: SubscriptionsAdmin,
    subscription_id: HexId,
    wish: Annotated[SubscriptionChange, Depends(sent(SubscriptionChange))],
) -> Subscription:
    """Change what a department is told of, how and where; what waits goes to a new target."""
    if wish.url is not None:
        await check_url(access.parts, wish.url)
    organisation, uid = access.organisation, bytes.fromhex(subscription_id)
    async with access.transaction() as connection:
        row = await queries.find(connection, organisation, uid, lock=True)
        if row is None:
            raise not_found()
        await _change(connection, access, wish, row)
        changed = await queries.find(connection, organisation, uid)
    if changed is None:
        raise not_found()
    return _shown(changed)


async def _change(
    connection: AsyncConnection, access: Access, wish: SubscriptionChange, row: RowMapping
) -> None:
    """Write what is another than before, with what it was; raise Declined where it does not fit."""
    faults = list(faults_of(wish, dict(row), access.parts.clock()))
    if faults:
        raise Declined(422, faults[0].code, errors=faults)
    if wish.department_id and not await departments.find(connection, access.organisation, wish.department_id):
        raise Declined(422, "unknown_department")
    columns = {name: new for name, new in columns_of(wish).items() if new != row[name]}
    if columns:
        await queries.change(connection, row["subscription_id"], columns)
        detail: dict[str, Any] = {"before": {name: row[name] for name in columns}, "after": columns}
        detail |= {"pause_reason": wish.pause_reason} if wish.pause_reason else {}
        deed = audit.Deed("subscription.changed", row["subscription_id"].hex(), detail)
        await audit.keep(connection, access, deed)


@router.delete("/v1/subscriptions/{subscription_id}", status_code=204)
async def delete_subscription(access: SubscriptionsAdmin, subscription_id: HexId) -> None:
    """End a subscription."""
    async with access.transaction() as connection:
        ended = await queries.delete(
            connection, access.organisation, bytes.fromhex(subscription_id), access.parts.clock()
        )
        if not ended:
            raise not_found()
        await audit.keep(connection, access, audit.Deed("subscription.ended", subscription_id))


def _shown(row: RowMapping) -> Subscription:
    lists = {name: row[name] or [] for name in LISTS}
    own = {"subscription_id": row["subscription_id"].hex(), "minimum_level": word(row["minimum_level"])}
    if row["digest"] and row["digest_seconds"] is None:
        own["digest_seconds"] = int(USUAL.digest_every.total_seconds())
    return Subscription.model_validate({**row, **lists, **own})
