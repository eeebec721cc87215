"""Roll-ups as they are stored: a row a value and severity, its parts from all partitions together."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

_KEPT = "select value, severity_class, state, products from scoring.rollups where dimension = :dimension"
# Enterprises have few products each: their rows are added up when read, where it shows which hold evidence.
_OF_PRODUCTS = """
select enterprise_id as value, severity_class, state, 1 as products
from scoring.product_state where enterprise_id is not null
"""


async def listed(
    connection: AsyncConnection, dimension: str, beginning: str, after: str | None, most: int
) -> Sequence[RowMapping]:
    """Return the rows of the next ``most`` values that begin so, in order of value and severity."""
    parts = _OF_PRODUCTS if dimension == "enterprise" else _KEPT
    statement = (
        f"with parts as ({parts}), asked as (select distinct value from parts "  # noqa: S608  # our own text
        "where starts_with(value, :beginning) and (cast(:after as text) is null or value > :after) "
        "order by value limit :most) "
        "select value, severity_class, array_agg(state) as states, cast(sum(products) as bigint) as products "
        "from parts join asked using (value) group by value, severity_class order by value, severity_class"
    )
    values = {"dimension": dimension, "beginning": beginning, "after": after, "most": most}
    used = values if dimension != "enterprise" else {k: v for k, v in values.items() if k != "dimension"}
    return (await connection.execute(text(statement), used)).mappings().all()
