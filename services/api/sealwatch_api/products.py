"""Products: recording their facts, listing them, and one of them in full."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import Code, Id, ProductId, Region
from sealwatch.contracts.products import ProductFacts, SentFacts
from sealwatch.contracts.risk import LevelWord
from sealwatch.shell import outbox
from sealwatch_api.auth import Access, ProductsWriter, RiskReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.described import described_record, uid_of_revision
from sealwatch_api.levels import rank
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import not_found
from sealwatch_api.queries import products as queries
from sealwatch_api.registry import LANE
from sealwatch_api.risks import Change, Product, ProductInFull, change_of, in_full, products_of
from sealwatch_api.scored_with import policies_of, version_on
from sealwatch_api.severities import Classed, Flag, classed

router = APIRouter(tags=["products"])
MOST_HISTORY = 100  # newest level changes shown with a product; the list has them all; ours


class ProductsAsked(Asked):
    """Filters of the list of products; a region is met by every region that begins with it."""

    category: Code | None = None
    risk_level: LevelWord | None = None
    region: Region | None = None
    enterprise_id: Id | None = None


class ChangesAsked(ProductsAsked):
    """Filters of the list of level changes; ``risk_level`` is the one moved to."""

    product_id: ProductId | None = None


class RecordedFacts(BaseModel):
    """The facts in force, and the uid under which their receipt is found."""

    product_id: str
    facts_revision: int
    recorded_at: datetime
    facts: ProductFacts
    uid: str
    listed_severity_class: Annotated[
        int | None, Field(description="what the policy in force lists for the category, if anything")
    ]
    flags: Annotated[
        list[Flag],
        Field(description="where the class was filled in from that list, or sent and differs from it"),
    ]


@router.put("/v1/products/{product_id}", openapi_extra=accepts(SentFacts))
async def put_product(
    access: ProductsWriter,
    product_id: ProductId,
    described: Annotated[SentFacts, Depends(sent(SentFacts))],
    response: Response,
) -> RecordedFacts:
    """Record a product's facts; the same facts again change nothing and tell nobody.

    A severity class that is left out is filled in from the policy in force, and recorded.
    """
    now = access.parts.clock()
    by = f"{access.organisation}/{access.caller.source}"
    async with access.transaction() as connection:
        policy = (await version_on(connection, access.parts, now.astimezone(UTC).date())).policy
        made = classed(described, policy)
        facts = made.facts
        if await queries.describe_first(connection, product_id, facts, now, by):
            response.status_code = 201
            return await _told(connection, access, _said(product_id, 1, made, now))
        held, revision, recorded_at = await queries.lock(connection, product_id)
        if held == facts:
            return _said(product_id, revision, made, recorded_at)
        revision = await queries.describe_next(connection, product_id, facts, now, by)
        return await _told(connection, access, _said(product_id, revision, made, now))


def _said(product_id: str, revision: int, made: Classed, at: datetime) -> RecordedFacts:
    return RecordedFacts(
        product_id=product_id,
        facts_revision=revision,
        recorded_at=at,
        facts=made.facts,
        uid=uid_of_revision(product_id, revision).hex(),
        listed_severity_class=made.listed,
        flags=list(made.flags),
    )


async def _told(connection: AsyncConnection, access: Access, said: RecordedFacts) -> RecordedFacts:
    """Keep the revision and tell the log of it, in the same transaction."""
    values = {
        "product_id": said.product_id,
        "revision": said.facts_revision,
        "facts": said.facts.model_dump_json(),
        "now": said.recorded_at,
        "by": f"{access.organisation}/{access.caller.source}",
    }
    await queries.keep_facts(connection, values)
    record = described_record(
        said.product_id, said.facts_revision, said.facts, access.caller.stamp, said.recorded_at
    )
    await outbox.add(connection, "registry", LANE, [record])
    return said


@router.get("/v1/products")
async def list_products(access: RiskReader, asked: Annotated[ProductsAsked, Query()]) -> Page[Product]:
    """List products by id, each with where it stands."""
    reading = Reading(access, "products", asked)
    after = reading.after[0] if reading.after else None
    now = access.parts.clock()
    async with access.transaction() as connection:
        rows = await queries.listed(connection, _ranked(reading.filters), after, reading.most, now)
        policies = await policies_of(connection, access.parts, rows)
    found = await asyncio.to_thread(products_of, reading.page(rows), policies, now)
    return Page(
        items=[product for product, _ in found],
        next_cursor=reading.next_cursor(rows, lambda row: [row["product_id"]]),
    )


@router.get("/v1/products/{product_id}")
async def get_product(access: RiskReader, product_id: ProductId) -> ProductInFull:
    """Show one product: facts, level, index with its bounds, factors and history."""
    async with access.transaction() as connection:
        row = await queries.find(connection, product_id)
        if row is None:
            raise not_found()
        history = await queries.level_changes(connection, {"product_id": product_id}, None, MOST_HISTORY)
        policies = await policies_of(connection, access.parts, [row])
    [(product, seen)] = await asyncio.to_thread(products_of, [row], policies, access.parts.clock())
    return in_full(product, seen, history, policies)


@router.get("/v1/level-changes")
async def list_level_changes(access: RiskReader, asked: Annotated[ChangesAsked, Query()]) -> Page[Change]:
    """List level changes, newest first."""
    reading = Reading(access, "level-changes", asked)
    async with access.transaction() as connection:
        rows = await queries.level_changes(
            connection, _ranked(reading.filters), reading.instant_after(), reading.most
        )
    return Page(
        items=[change_of(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [row["changed_at"].isoformat(), row["uid"].hex()]),
    )


def _ranked(filters: dict[str, object]) -> dict[str, object]:
    level = filters.get("risk_level")
    return filters if level is None else {**filters, "risk_level": rank(str(level))}
