"""What levels ask of people: open, overdue, or done with a word on what was done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import ProductId
from sealwatch.contracts.risk import LevelWord
from sealwatch_api.auth import Access, ActionsWriter, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import HexId
from sealwatch_api.levels import rank, word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit
from sealwatch_api.queries import decisions as queries
from sealwatch_api.queries.decisions import Eyes
from sealwatch_api.routing_forms import FollowUp
from sealwatch_api.routing_views import Action

router = APIRouter(tags=["actions"])
CENTRE = "actions:centre"


class ActionsAsked(Asked):
    """Filters of the list of actions."""

    product_id: ProductId | None = None
    owner: str | None = None
    risk_level: LevelWord | None = None
    state: Literal["open", "overdue", "done"] | None = None


@router.get("/v1/actions")
async def list_actions(access: WarningsReader, asked: Annotated[ActionsAsked, Query()]) -> Page[Action]:
    """List what levels asked for, newest first, each with what one's own organisation did.

    Like notices they are the centre's; a key with ``actions:centre`` sees what every organisation did.
    """
    reading = Reading(access, "actions", asked)
    filters = {k: rank(str(v)) if k == "risk_level" else v for k, v in reading.filters.items()}
    async with _looked_into(access) as (connection, eyes):
        rows = await queries.actions(connection, filters, eyes, reading.instant_after(), reading.most)
    return Page(
        items=[_shown(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["reached_at"].isoformat(), row["action_id"].hex()]
        ),
    )


@router.get("/v1/actions/{action_id}")
async def get_action(access: WarningsReader, action_id: HexId) -> Action:
    """Show one action."""
    async with _looked_into(access) as (connection, eyes):
        row = await queries.action(connection, bytes.fromhex(action_id), eyes)
    if row is None:
        raise not_found()
    return _shown(row)


@router.post("/v1/actions/{action_id}/done", openapi_extra=accepts(FollowUp))
async def finish_action(
    access: ActionsWriter, action_id: HexId, said: Annotated[FollowUp, Depends(sent(FollowUp))]
) -> Action:
    """Mark an action done by one's own organisation and keep what was done; the first word stands."""
    uid = bytes.fromhex(action_id)
    async with _looked_into(access) as (connection, eyes):
        values = {"id": uid, "by": access.caller.person, "follow_up": said.follow_up}
        is_first = await queries.finish(connection, eyes.values | values)
        row = await queries.action(connection, uid, eyes)
        if row is None:
            raise not_found()
        if not is_first:
            raise Declined(409, "action_done_already")
        deed = audit.Deed("action.done", action_id, {"follow_up": said.follow_up})
        await audit.keep(connection, access, deed)
    return _shown(row)


@asynccontextmanager
async def _looked_into(access: Access) -> AsyncIterator[tuple[AsyncConnection, Eyes]]:
    """Open a transaction that sees what this caller's organisation did, or what all did."""
    eyes = Eyes(access.organisation, CENTRE in access.caller.scopes, access.parts.clock())
    async with access.transaction() as connection:
        if eyes.of_centre:
            await queries.see_all(connection)
        yield connection, eyes


def _shown(row: RowMapping) -> Action:
    ids = {name: row[name].hex() for name in ("action_id", "notice_id")}
    return Action.model_validate({**row, **ids, "risk_level": word(row["level"])})
