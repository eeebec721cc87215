"""Who changed what about the warnings of one's own organisation."""

from typing import Annotated

from fastapi import APIRouter, Query

from sealwatch_api.auth import SubscriptionsAdmin
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.queries import audit as queries
from sealwatch_api.routing_views import Deed

router = APIRouter(tags=["audit"])


class DeedsAsked(Asked):
    """Filters of the list of deeds."""

    action: str | None = None
    subject: str | None = None


@router.get("/v1/audit")
async def list_deeds(access: SubscriptionsAdmin, asked: Annotated[DeedsAsked, Query()]) -> Page[Deed]:
    """List what was changed, newest first."""
    reading = Reading(access, "audit", asked)
    before = int(reading.after[0]) if reading.after else None
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation, reading.filters, before, reading.most)
    return Page(
        items=[Deed.model_validate(dict(row)) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [str(row["audit_id"])]),
    )
