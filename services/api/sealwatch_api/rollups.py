"""Roll-ups: categories, regions, technologies and enterprises, each with rates and an index."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from sealwatch_api.auth import RiskReader
from sealwatch_api.grouped import Dimension, Rollup, rollups_of
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.queries import rollups as queries
from sealwatch_api.scored_with import version_on

router = APIRouter(tags=["roll-ups"])


class RollupsAsked(Asked):
    """Filters of a roll-up; a region is met by every region that begins with it."""

    value: Annotated[str, Field(max_length=64, description="how the value begins")] = ""


@router.get("/v1/rollups/{dimension}")
async def list_rollups(
    access: RiskReader, dimension: Dimension, asked: Annotated[RollupsAsked, Query()]
) -> Page[Rollup]:
    """List the groups of a dimension by value, as of now; planned and targeted samples stay apart."""
    reading = Reading(access, f"rollups/{dimension}", asked)
    after = reading.after[0] if reading.after else None
    now = access.parts.clock()
    async with access.transaction() as connection:
        rows = await queries.listed(connection, dimension, asked.value, after, reading.most)
        scored_with = await version_on(connection, access.parts, now.date())
    found = await asyncio.to_thread(rollups_of, dimension, rows, scored_with.policy, now)
    return Page(
        items=list(reading.page(found)),
        next_cursor=reading.next_cursor(found, lambda group: [group.value or ""]),
    )
