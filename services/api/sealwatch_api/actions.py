"""What levels ask of people: open, overdue, or done with a word on what was done."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping

from sealwatch.contracts.base import ProductId
from sealwatch.contracts.risk import LevelWord
from sealwatch_api.auth import ActionsWriter, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import HexId
from sealwatch_api.levels import rank, word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import audit
from sealwatch_api.queries import decisions as queries
from sealwatch_api.routing_forms import FollowUp
from sealwatch_api.routing_views import Action

router = APIRouter(tags=["actions"])


class ActionsAsked(Asked):
    """Filters of the list of actions."""

    product_id: ProductId | None = None
    owner: str | None = None
    risk_level: LevelWord | None = None
    state: Literal["open", "overdue", "done"] | None = None


@router.get("/v1/actions")
async def list_actions(access: WarningsReader, asked: Annotated[ActionsAsked, Query()]) -> Page[Action]:
    """List what levels asked for, newest first; like notices they are the centre's."""
    reading = Reading(access, "actions", asked)
    filters = {k: rank(str(v)) if k == "risk_level" else v for k, v in reading.filters.items()}
    now = access.parts.clock()
    async with access.transaction() as connection:
        rows = await queries.actions(connection, filters, now, reading.instant_after(), reading.most)
    return Page(
        items=[_shown(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(
            rows, lambda row: [row["reached_at"].isoformat(), row["action_id"].hex()]
        ),
    )


@router.get("/v1/actions/{action_id}")
async def get_action(access: WarningsReader, action_id: HexId) -> Action:
    """Show one action."""
    async with access.transaction() as connection:
        row = await queries.action(connection, bytes.fromhex(action_id), access.parts.clock())
    if row is None:
        raise not_found()
    return _shown(row)


@router.post("/v1/actions/{action_id}/done", openapi_extra=accepts(FollowUp))
async def finish_action(
    access: ActionsWriter, action_id: HexId, said: Annotated[FollowUp, Depends(sent(FollowUp))]
) -> Action:
    """Mark an action done and keep what was done; the first word stands."""
    uid, now = bytes.fromhex(action_id), access.parts.clock()
    values = {"id": uid, "now": now, "by": access.caller.person, "follow_up": said.follow_up}
    async with access.transaction() as connection:
        row = await queries.finish(connection, values)
        if row is None:
            raise not_found() if await queries.action(connection, uid, now) is None else _done_already()
        deed = audit.Deed("action.done", action_id, {"follow_up": said.follow_up})
        await audit.keep(connection, access, deed)
    return _shown(row)


def _done_already() -> Declined:
    return Declined(409, "action_done_already")


def _shown(row: RowMapping) -> Action:
    ids = {name: row[name].hex() for name in ("action_id", "notice_id")}
    return Action.model_validate({**row, **ids, "risk_level": word(row["level"])})
