"""A named person puts a level in force for a time, or takes that back; nothing that was said is ever lost."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import ProductId
from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.overrides import LevelOverridden
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.shell import outbox
from sealwatch_api.auth import Access, LevelOverrider, RiskReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import NewOverride
from sealwatch_api.levels import OverrideWord, level_in_force, rank, uid_of_word, word_of
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import overrides as queries
from sealwatch_api.queries import products
from sealwatch_api.registry import LANE

router = APIRouter(tags=["overrides"])
TYPE = "level.overridden.v1"
LONGEST = timedelta(days=366)  # nobody's word stands in for the evidence without being said anew; ours
TAKEN_BACK = "taken back"


@router.post("/v1/products/{product_id}/override", status_code=201, openapi_extra=accepts(NewOverride))
async def post_override(
    access: LevelOverrider, product_id: ProductId, said: Annotated[NewOverride, Depends(sent(NewOverride))]
) -> OverrideWord:
    """Put a level in force over the model's until it expires; it takes the place of an earlier word."""
    now = access.parts.clock()
    expires_at = said.expires_at.replace(microsecond=0)  # the scorer counts whole seconds
    if not now < expires_at <= now + LONGEST:
        raise Declined(422, "expires_out_of_range", detail="within 366 days from now")
    async with access.transaction() as connection:
        await queries.lock(connection, product_id)
        product = await _known(connection, product_id)
        newest = await queries.newest(connection, product_id)
        values = {"level": rank(said.level), "reason": said.reason, "expires_at": expires_at}
        return await _told(connection, access, _next(product, newest, now) | values)


@router.delete("/v1/products/{product_id}/override", status_code=204)
async def delete_override(access: LevelOverrider, product_id: ProductId) -> Response:
    """Take the word that is in force back; the model's level holds again. 404 where there is none."""
    now = access.parts.clock()
    async with access.transaction() as connection:
        await queries.lock(connection, product_id)
        product = await _known(connection, product_id)
        newest = await queries.newest(connection, product_id)
        if newest is None or newest["expires_at"] is None or newest["expires_at"] <= now:
            raise not_found()
        values = {"level": None, "reason": TAKEN_BACK, "expires_at": None}
        await _told(connection, access, _next(product, newest, now) | values)
    return Response(status_code=204)


@router.get("/v1/products/{product_id}/overrides")
async def list_overrides(
    access: RiskReader, product_id: ProductId, asked: Annotated[Asked, Query()]
) -> Page[OverrideWord]:
    """List what was said of a product's level, newest first: by whom, when, and what was in force before."""
    reading = Reading(access, f"overrides/{product_id}", asked)
    before = int(reading.after[0]) if reading.after else None
    async with access.transaction() as connection:
        rows = await queries.listed(connection, product_id, before, reading.most)
    return Page(
        items=[word_of(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [str(row["revision"])]),
    )


async def _known(connection: AsyncConnection, product_id: str) -> RowMapping:
    product = await products.find(connection, product_id)
    if product is None:
        raise not_found()
    return product


def _next(product: RowMapping, newest: RowMapping | None, now: datetime) -> dict[str, object]:
    """Return what the next word on a product is called, and what was in force before it."""
    return {
        "product_id": product["product_id"],
        "revision": newest["revision"] + 1 if newest else 1,
        "before_level": int(level_in_force(product, now)),
        "recorded_at": now,
    }


async def _told(connection: AsyncConnection, access: Access, values: dict[str, object]) -> OverrideWord:
    """Keep a word and tell the log of it, in the same transaction."""
    who = access.caller
    await queries.keep(connection, values | {"recorded_by": who.person, "key_id": who.key_id})
    row = await queries.newest(connection, str(values["product_id"]))
    if row is None:
        raise not_found()
    said = word_of(row)
    await outbox.add(connection, "registry", LANE, [override_record(row["product_id"], said, who.stamp)])
    return said


def override_record(product_id: str, said: OverrideWord, recorder: Stamp) -> Record:
    """Return the record of a word on a product's level."""
    body = LevelOverridden(
        product_id=product_id,
        revision=said.revision,
        level=said.level,
        reason=said.reason,
        expires_at=said.expires_at.isoformat() if said.expires_at else None,
        recorded_at=said.recorded_at.isoformat(),
        recorded_by=said.recorded_by,
    )
    envelope = Envelope(TYPE, uid_of_word(product_id, said.revision), product_id, said.recorded_at)
    return encode(envelope, body.model_dump_json().encode(), recorder.headers(), EVIDENCE.name)
