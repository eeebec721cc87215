"""How long one's own offices have to acknowledge before they are reminded, and the offices above told."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import Body
from sealwatch.routing.escalation import DEADLINES
from sealwatch.routing.notice import RANK
from sealwatch_api.auth import SubscriptionsAdmin, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.levels import word
from sealwatch_api.queries import audit
from sealwatch_api.queries import escalation as queries

router = APIRouter(tags=["routing rules"])
MINUTE, DAY = 60, 86_400
LEVELS = ("serious", "high")


def _usual(level: str, span: str) -> int:
    return int(getattr(DEADLINES[RANK[level]], span).total_seconds())


class OfSerious(Body):
    """How long an office has after a rise to Serious, and each office above after the one before."""

    remind_seconds: Annotated[int, Field(ge=MINUTE, le=DAY)] = _usual("serious", "remind_after")
    climb_seconds: Annotated[int, Field(ge=MINUTE, le=DAY)] = _usual("serious", "climb_after")


class OfHigh(Body):
    """How long an office has after a rise to High, and each office above after the one before."""

    remind_seconds: Annotated[int, Field(ge=MINUTE, le=7 * DAY)] = _usual("high", "remind_after")
    climb_seconds: Annotated[int, Field(ge=MINUTE, le=7 * DAY)] = _usual("high", "climb_after")


class NewEscalationRules(Body):
    """How long offices have to acknowledge, by level; both levels are a duty, so neither can be left open."""

    serious: OfSerious = OfSerious()
    high: OfHigh = OfHigh()


class Span(BaseModel):
    """How long an office has before it is reminded, and each office above before the next is told."""

    remind_seconds: int
    climb_seconds: int


class EscalationRules(BaseModel):
    """The spans of an organisation; without ``recorded_at`` they are the usual ones."""

    serious: Span
    high: Span
    recorded_at: datetime | None = None
    recorded_by: str | None = None


@router.get("/v1/escalation-rules")
async def get_escalation_rules(access: WarningsReader) -> EscalationRules:
    """Show how long one's own offices have to acknowledge, the usual spans where none were set."""
    async with access.transaction() as connection:
        return await _in_force(connection, access.organisation)


@router.put("/v1/escalation-rules", openapi_extra=accepts(NewEscalationRules))
async def put_escalation_rules(
    access: SubscriptionsAdmin, wish: Annotated[NewEscalationRules, Depends(sent(NewEscalationRules))]
) -> EscalationRules:
    """Set how long one's own offices have, also for what is unacknowledged now; left out is as usual."""
    organisation, now = access.organisation, access.parts.clock()
    who = {"organisation": organisation, "by": access.caller.person, "now": now}
    said = wish.model_dump()
    async with access.transaction() as connection:
        await queries.record(connection, [{**who, "level": RANK[one], **said[one]} for one in LEVELS])
        await queries.look_again(connection, organisation, now)
        await audit.keep(connection, access, audit.Deed("escalation.set", organisation, said))
        return await _in_force(connection, organisation)


async def _in_force(connection: AsyncConnection, organisation: str) -> EscalationRules:
    rows = await queries.rules(connection, organisation)
    found: dict[str, Any] = NewEscalationRules().model_dump()
    for row in rows:
        found[word(row["level"])] = dict(row)
        found |= {"recorded_at": row["recorded_at"], "recorded_by": row["recorded_by"]}
    return EscalationRules.model_validate(found)
