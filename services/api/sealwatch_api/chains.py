"""How far each warning has come: raised, sent, delivered, acknowledged, acted."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query
from sqlalchemy import RowMapping

from sealwatch.contracts.base import ProductId
from sealwatch_api.auth import WarningsReader
from sealwatch_api.chain_views import Chain, ChainLink, ChainState
from sealwatch_api.decisions import place_of
from sealwatch_api.forms import HexId, Moment
from sealwatch_api.levels import word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import not_found
from sealwatch_api.queries import chains as queries

router = APIRouter(tags=["warnings"])
IDS = ("notice_id", "subscription_id", "delivery_id")
ORDER: tuple[ChainState, ...] = get_args(ChainState)


class ChainsAsked(Asked):
    """Filters of the list of chains; an endpoint is a subscription, a department an office."""

    product_id: ProductId | None = None
    notice_id: HexId | None = None
    office: str | None = None
    subscription_id: HexId | None = None
    state: ChainState | None = None
    since: Moment | None = None
    until: Moment | None = None


@router.get("/v1/chains")
async def list_chains(access: WarningsReader, asked: Annotated[ChainsAsked, Query()]) -> Page[ChainLink]:
    """List what was told to one's own subscriptions and how far each has come, newest first."""
    reading = Reading(access, "chains", asked)
    filters, after = reading.filters_by(IDS), reading.place_after()
    async with access.transaction() as connection:
        rows = await queries.links(connection, access.organisation, filters, after, reading.most)
    return Page(
        items=[_link(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, place_of),
    )


@router.get("/v1/notices/{notice_id}/chain")
async def get_chain(access: WarningsReader, notice_id: HexId) -> Chain:
    """Show a notice with all that followed from it for one's own organisation."""
    async with access.transaction() as connection:
        row = await queries.chain(connection, access.organisation, bytes.fromhex(notice_id))
    if row is None:
        raise not_found()
    links = [_link(one) for one in row["links"]]
    return Chain.model_validate(
        {**row, **_levels(row), "notice_id": notice_id, "links": links, "state": least(links)}
    )


def least(links: Iterable[ChainLink]) -> ChainState:
    """Return the least that any office has come to: of each office, what came furthest counts."""
    furthest: dict[str, int] = {}
    for one in links:
        furthest[one.office] = max(furthest.get(one.office, 0), ORDER.index(one.state))
    return ORDER[min(furthest.values(), default=0)]


def _link(row: RowMapping | Mapping[str, Any]) -> ChainLink:
    ids = {name: one.hex() if isinstance(one := row[name], bytes) else one for name in IDS}
    return ChainLink.model_validate({**row, **ids, **_levels(row)})


def _levels(row: RowMapping | Mapping[str, Any]) -> dict[str, object]:
    return {name: word(row[name]) for name in ("before", "after")}
