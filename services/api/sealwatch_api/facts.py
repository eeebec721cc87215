"""The history of what was recorded about a product."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from sealwatch.contracts.base import ProductId
from sealwatch.contracts.products import ProductFacts
from sealwatch_api.auth import RiskReader
from sealwatch_api.described import uid_of_revision
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import not_found
from sealwatch_api.queries import products as queries

router = APIRouter(tags=["products"])


class FactsRevision(BaseModel):
    """One revision of a product's facts; ``uid`` is that of the event which told the log of it."""

    facts_revision: int
    facts: ProductFacts
    recorded_at: datetime
    recorded_by: str
    uid: str


@router.get("/v1/products/{product_id}/facts")
async def list_facts(
    access: RiskReader, product_id: ProductId, asked: Annotated[Asked, Query()]
) -> Page[FactsRevision]:
    """List the recorded revisions of a product's facts, newest first; 404 where there is none."""
    reading = Reading(access, f"facts/{product_id}", asked)
    before = int(reading.after[0]) if reading.after else None
    async with access.transaction() as connection:
        rows = await queries.facts_history(connection, product_id, before, reading.most)
    if not rows and before is None:
        raise not_found()
    items = [
        FactsRevision(
            facts_revision=row["facts_revision"],
            facts=ProductFacts.model_validate(row["facts"]),
            recorded_at=row["recorded_at"],
            recorded_by=row["recorded_by"],
            uid=uid_of_revision(product_id, row["facts_revision"]).hex(),
        )
        for row in reading.page(rows)
    ]
    return Page(items=items, next_cursor=reading.next_cursor(rows, lambda row: [str(row["facts_revision"])]))
