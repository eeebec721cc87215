"""The addresses that an organisation warns: whether they said yes, and whether letters still arrive."""

from datetime import timedelta
from math import ceil

from fastapi import APIRouter
from sqlalchemy import RowMapping

from sealwatch_api.auth import SubscriptionsAdmin
from sealwatch_api.forms import HexId
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit
from sealwatch_api.queries import mailboxes as queries
from sealwatch_api.views import Mailboxes, MailboxView

router = APIRouter(tags=["mailboxes"])
ID_BYTES = 16


@router.get("/v1/mailboxes")
async def list_mailboxes(access: SubscriptionsAdmin) -> Mailboxes:
    """List the addresses of one's own organisation, by address."""
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation)
    return Mailboxes(items=[_shown(row) for row in rows])


@router.post("/v1/mailboxes/{mailbox_id}/question", status_code=202)
async def ask_again(access: SubscriptionsAdmin, mailbox_id: HexId) -> MailboxView:
    """Ask an address once more whether it wants warnings; its yes lifts a suspension.

    Within an hour of the last question, or after three in a day by anybody, the answer is 429.
    """
    raw, now = bytes.fromhex(mailbox_id), access.parts.clock()
    async with access.transaction() as connection:
        if not await queries.ask_again(connection, raw, access.parts.randomness(ID_BYTES), now):
            raise not_found()
        free_at = await queries.rest(connection, raw)
        if free_at is not None and now < free_at:
            raise _asked_lately(free_at - now)
        await audit.keep(connection, access, audit.Deed("mailbox.asked_again", mailbox_id))
        [row] = await queries.listed(connection, access.organisation, raw)
    return _shown(row)


def _asked_lately(left: timedelta) -> Declined:
    return Declined(429, "asked_lately", headers={"Retry-After": str(ceil(left.total_seconds()))})


def _shown(row: RowMapping) -> MailboxView:
    return MailboxView.model_validate({**row, "mailbox_id": row["mailbox_id"].hex()})
