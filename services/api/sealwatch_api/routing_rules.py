"""How often one's own departments are told, and when one notice stands for many."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.auth import SubscriptionsAdmin, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.queries import audit
from sealwatch_api.queries import silences as queries
from sealwatch_api.routing_forms import NewRules
from sealwatch_api.routing_views import Rules

router = APIRouter(tags=["routing rules"])


@router.get("/v1/routing-rules")
async def get_rules(access: WarningsReader) -> Rules:
    """Show the rules of one's own organisation, the usual ones where it has set none."""
    async with access.transaction() as connection:
        return await rules_in_force(connection, access.organisation)


@router.put("/v1/routing-rules", openapi_extra=accepts(NewRules))
async def put_rules(access: SubscriptionsAdmin, wish: Annotated[NewRules, Depends(sent(NewRules))]) -> Rules:
    """Set the rules of one's own organisation; what is left out is as usual."""
    who = {"organisation": access.organisation, "by": access.caller.person, "now": access.parts.clock()}
    async with access.transaction() as connection:
        await queries.record_rules(connection, wish.model_dump() | who)
        await audit.keep(connection, access, audit.Deed("rules.set", access.organisation, wish.model_dump()))
        return await rules_in_force(connection, access.organisation)


async def rules_in_force(connection: AsyncConnection, organisation: str) -> Rules:
    """Return the rules of an organisation."""
    row = await queries.rules(connection, organisation)
    return Rules.model_validate(dict(row) if row else NewRules().model_dump())
