"""Products: recorded facts, states and level changes. They are the centre's, not an organisation's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.products import ProductFacts
from sealwatch_api.queries.clauses import asked, where

_FACTS = ("name", "category", "severity_class", "enterprise_id", "region", "technology")
_FIRST = """
insert into registry.products
    (product_id, facts_revision, name, category, severity_class, enterprise_id, region, technology,
     recorded_at, recorded_by)
values (:product_id, 1, :name, :category, :severity_class, :enterprise_id, :region, :technology, :now, :by)
on conflict (product_id) do nothing returning facts_revision
"""
_LOCK = "select * from registry.products where product_id = :product_id for update"
_NEXT = """
update registry.products
set facts_revision = facts_revision + 1, name = :name, category = :category,
    severity_class = :severity_class, enterprise_id = :enterprise_id, region = :region,
    technology = :technology, recorded_at = :now, recorded_by = :by
where product_id = :product_id returning facts_revision
"""
_KEEP = """
insert into registry.product_facts (product_id, facts_revision, facts, recorded_at, recorded_by)
values (:product_id, :revision, cast(:facts as jsonb), :now, :by)
"""
STATE = """
s.state, s.level, s.below_since, s.facts_known, s.facts_revision as state_facts_revision,
s.category as state_category, s.severity_class as state_severity_class, s.indicated, s.index, s.main_factor,
s.events, s.newest_evidence_at, s.last_event_uid, s.policy_version, s.assessed_at, s.stale,
s.override_level, s.override_until, s.override_revision, o.reason as override_reason,
o.recorded_at as override_recorded_at, o.recorded_by as override_recorded_by
"""
# The word that is in force, which is not always the newest one: the scorer may not have read it yet.
OVERRIDES = """
left join registry.level_overrides o
    on o.product_id = s.product_id and o.revision = s.override_revision and s.override_until is not null
"""
_IN_FORCE = "case when s.override_until > :now then s.override_level else s.level end"
_RECORDED = """
p.name, p.category, p.severity_class, p.enterprise_id, p.region, p.technology, p.facts_revision
"""
_UNRECORDED = """
cast(null as text), cast(null as text), cast(null as smallint), cast(null as text), cast(null as text),
cast(null as text), cast(null as integer)
"""
_OF_RECORDED = {
    "category": "p.category = :category",
    "risk_level": f"coalesce({_IN_FORCE}, 0) = :risk_level",
    "region": "starts_with(p.region, :region)",
    "enterprise_id": "p.enterprise_id = :enterprise_id",
}
_OF_UNRECORDED = {
    "category": "s.category = :category",
    "risk_level": f"{_IN_FORCE} = :risk_level",
    "region": "starts_with(s.region, :region)",
    "enterprise_id": "s.enterprise_id = :enterprise_id",
}
_OF_CHANGES = {
    "product_id": "product_id = :product_id",
    "category": "category = :category",
    "region": "starts_with(region, :region)",
    "enterprise_id": "enterprise_id = :enterprise_id",
    "risk_level": "after = :risk_level",
}


async def describe_first(
    connection: AsyncConnection, product_id: str, facts: ProductFacts, now: datetime, by: str
) -> bool:
    """Record the first facts of a product; return whether it had none before."""
    values = {"product_id": product_id, "now": now, "by": by, **facts.model_dump()}
    return await connection.scalar(text(_FIRST), values) is not None


async def lock(connection: AsyncConnection, product_id: str) -> tuple[ProductFacts, int, datetime]:
    """Return facts, revision and recording instant of a product, and hold them for this transaction."""
    found = await connection.execute(text(_LOCK), {"product_id": product_id})
    row = found.mappings().one()
    facts = ProductFacts.model_validate({name: row[name] for name in _FACTS})
    return facts, row["facts_revision"], row["recorded_at"]


async def describe_next(
    connection: AsyncConnection, product_id: str, facts: ProductFacts, now: datetime, by: str
) -> int:
    """Replace the facts of a locked product and return their revision."""
    values = {"product_id": product_id, "now": now, "by": by, **facts.model_dump()}
    return int((await connection.execute(text(_NEXT), values)).scalar_one())


async def keep_facts(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Keep a revision of a product's facts for ever."""
    await connection.execute(text(_KEEP), dict(values))


async def listed(
    connection: AsyncConnection, filters: Mapping[str, object], after: str | None, most: int, now: datetime
) -> Sequence[RowMapping]:
    """Return products by id: recorded ones with their state, and states nobody recorded facts of."""
    beyond = ["product_id > :after"] if after else []
    recorded = where([*asked(_OF_RECORDED, filters), *(f"p.{one}" for one in beyond)])
    unrecorded = where([*asked(_OF_UNRECORDED, filters), *(f"s.{one}" for one in beyond)])
    statement = (
        f"(select p.product_id, {_RECORDED}, {STATE} from registry.products p "  # noqa: S608  # our own names
        f"left join scoring.product_state s on s.product_id = p.product_id {OVERRIDES} "
        f"where {recorded} "
        "order by p.product_id limit :most) union all "
        f"(select s.product_id, {_UNRECORDED}, {STATE} from scoring.product_state s {OVERRIDES} "
        f"where {unrecorded} "
        "and not exists (select from registry.products p where p.product_id = s.product_id) "
        "order by s.product_id limit :most) order by product_id limit :most"
    )
    values = {**filters, "most": most} | ({"after": after} if after else {})
    values |= {"now": now} if "risk_level" in filters else {}
    return (await connection.execute(text(statement), values)).mappings().all()


async def find(connection: AsyncConnection, product_id: str) -> RowMapping | None:
    """Return one product, recorded or only seen in evidence."""
    statement = (
        f"select coalesce(p.product_id, s.product_id) as product_id, {_RECORDED}, {STATE} "  # noqa: S608  # our own names
        "from (select cast(:product_id as text) as product_id) wanted "
        "left join registry.products p on p.product_id = wanted.product_id "
        "left join scoring.product_state s on s.product_id = wanted.product_id "
        f"{OVERRIDES} where p.product_id is not null or s.product_id is not null"
    )
    found = await connection.execute(text(statement), {"product_id": product_id})
    return found.mappings().one_or_none()


async def level_changes(
    connection: AsyncConnection,
    filters: Mapping[str, object],
    after: tuple[datetime, bytes] | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return level changes, newest first."""
    beyond = ["(changed_at, uid) < (:at, :uid)"] if after else []
    conditions = where([*asked(_OF_CHANGES, filters), *beyond])
    values = {**filters, "most": most} | ({"at": after[0], "uid": after[1]} if after else {})
    found = await connection.execute(
        text(
            f"select * from scoring.level_changes where {conditions} "  # noqa: S608  # our own names
            "order by changed_at desc, uid desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def facts_history(
    connection: AsyncConnection, product_id: str, before: int | None, most: int
) -> Sequence[RowMapping]:
    """Return the recorded revisions of a product's facts, newest first."""
    found = await connection.execute(
        text(
            "select facts_revision, facts, recorded_at, recorded_by from registry.product_facts "
            "where product_id = :product_id and facts_revision < coalesce(:before, 2147483647) "
            "order by facts_revision desc limit :most"
        ),
        {"product_id": product_id, "before": before, "most": most},
    )
    return found.mappings().all()
