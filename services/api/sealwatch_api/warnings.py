"""Notices, and the deliveries to one's own endpoints with every attempt."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import RowMapping

from sealwatch.contracts.base import Code, ProductId
from sealwatch_api.auth import WarningsReader
from sealwatch_api.forms import HexId, Moment
from sealwatch_api.levels import word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import not_found
from sealwatch_api.queries import warnings as queries
from sealwatch_api.views import Attempt, Delivery, DeliveryWithAttempts, Notice

router = APIRouter(tags=["warnings"])
_IDS = ("delivery_id", "notice_id", "subscription_id")


class NoticesAsked(Asked):
    """Filters of the list of notices."""

    product_id: ProductId | None = None
    decision: Literal["tell", "quiet"] | None = None


class DeliveriesAsked(Asked):
    """Filters of the list of deliveries."""

    product_id: ProductId | None = None
    subscription_id: HexId | None = None
    department_id: Code | None = None
    state: Literal["pending", "delivered", "dead", "cancelled"] | None = None
    since: Annotated[Moment | None, Field(description="made at this instant or later")] = None
    until: Annotated[Moment | None, Field(description="made before this instant")] = None


@router.get("/v1/notices")
async def list_notices(access: WarningsReader, asked: Annotated[NoticesAsked, Query()]) -> Page[Notice]:
    """List notices, newest first."""
    reading = Reading(access, "notices", asked)
    async with access.transaction() as connection:
        rows = await queries.notices(connection, reading.filters, reading.instant_after(), reading.most)
    return Page(
        items=[_notice(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["heard_at"].isoformat(), row["notice_id"].hex()]
        ),
    )


@router.get("/v1/deliveries")
async def list_deliveries(
    access: WarningsReader, asked: Annotated[DeliveriesAsked, Query()]
) -> Page[Delivery]:
    """List deliveries to the endpoints of one's own organisation, newest first."""
    reading = Reading(access, "deliveries", asked)
    filters = reading.filters_by(_IDS)
    async with access.transaction() as connection:
        rows = await queries.deliveries(
            connection, access.organisation, filters, reading.instant_after(), reading.most
        )
    return Page(
        items=[Delivery.model_validate(_told(row)) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["created_at"].isoformat(), row["delivery_id"].hex()]
        ),
    )


@router.get("/v1/deliveries/{delivery_id}")
async def get_delivery(access: WarningsReader, delivery_id: HexId) -> DeliveryWithAttempts:
    """Show one delivery with its attempts."""
    raw = bytes.fromhex(delivery_id)
    async with access.transaction() as connection:
        row = await queries.delivery(connection, access.organisation, raw)
        if row is None:
            raise not_found()
        tried = await queries.attempts(connection, access.organisation, raw)
    attempts = [Attempt.model_validate(dict(one)) for one in tried]
    return DeliveryWithAttempts.model_validate({**_told(row), "attempts": attempts})


def _told(row: RowMapping) -> dict[str, object]:
    return {**row, **{name: row[name].hex() if row[name] else None for name in _IDS}}


def _notice(row: RowMapping) -> Notice:
    levels = {name: word(row[name]) for name in ("before", "after")}
    return Notice.model_validate({**row, **levels, "notice_id": row["notice_id"].hex()})
