"""What explanations are made of: a product with the events behind its sums, and all of its events."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.scoring.pack import packed
from sealwatch_api.queries.products import OVERRIDES, STATE

_NOTHING = packed(())  # as it is kept of an event that said nothing
# One statement, so that the sums and the events behind them are of one moment.
_BEHIND = """
with behind as (
    select e.* from generate_series(0, 3) as stream (bears) cross join lateral (
        select uid, type, source, occurred_at, folded from scoring.events
        where product_id = :product_id and bears = stream.bears
          and retracted_by is null and folded <> :nothing
        order by occurred_at desc, uid limit :most
    ) e
    order by occurred_at desc, uid limit :most
)
"""
_COLUMNS = ("uid", "type", "source", "occurred_at", "folded")
_ALL_OF = ", ".join(f"(select array_agg({name}) from behind) as all_{name}" for name in _COLUMNS)  # noqa: S608  # our own names
_RECORDED = """
select s.events, e.partition, e."offset", e.appended, coalesce(e.instant, e.appended) as instant, e.headers,
       e.body
from scoring.product_state s left join scoring.events e on e.product_id = s.product_id
where s.product_id = :product_id limit :most
"""


async def behind(connection: AsyncConnection, product_id: str, most: int) -> RowMapping | None:
    """Return a product's state with its newest events whose evidence nobody took back, as columns."""
    statement = (
        f"{_BEHIND} select s.product_id, {STATE}, {_ALL_OF} from scoring.product_state s {OVERRIDES} "  # noqa: S608  # our own names
        "where s.product_id = :product_id"
    )
    values = {"product_id": product_id, "nothing": _NOTHING, "most": most}
    return (await connection.execute(text(statement), values)).mappings().one_or_none()


async def recorded(connection: AsyncConnection, product_id: str, most: int) -> Sequence[RowMapping]:
    """Return the stored events of a product, each with how many were scored."""
    found = await connection.execute(text(_RECORDED), {"product_id": product_id, "most": most})
    return found.mappings().all()


async def change(connection: AsyncConnection, uid: bytes) -> RowMapping | None:
    """Return one level change with the sums it left."""
    found = await connection.execute(
        text("select * from scoring.level_changes where uid = :uid"), {"uid": uid}
    )
    return found.mappings().one_or_none()
