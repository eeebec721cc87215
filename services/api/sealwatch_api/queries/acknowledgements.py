"""Who acknowledged which notice: directly, by its delivery, or by a message that gathered it."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

_COLUMNS = "acknowledgement_id, notice_id, delivery_id, who, via, answer, acknowledged_at"
_OF_NOTICE = f"""
select {_COLUMNS} from alerting.acknowledgements a
where a.organisation_id = :organisation and (a.notice_id = :id or a.delivery_id in (
    select delivery_id from alerting.deliveries where notice_id = :id and organisation_id = :organisation
    union all
    select delivery_id from alerting.decisions
    where notice_id = :id and organisation_id = :organisation and delivery_id is not null))
order by acknowledged_at, acknowledgement_id
"""  # noqa: S608  # our own names
_TOLD = """
select exists (
    select from alerting.deliveries d where d.organisation_id = :organisation
      and (d.delivery_id = :delivery and d.cause is distinct from 'trial' or d.notice_id = :notice))
    or exists (
    select from alerting.decisions c where c.organisation_id = :organisation and c.notice_id = :notice)
"""


async def of_notice(connection: AsyncConnection, organisation: str, notice_id: bytes) -> Sequence[RowMapping]:
    """Return the acknowledgements of a notice by an organisation, oldest first."""
    values = {"organisation": organisation, "id": notice_id}
    return (await connection.execute(text(_OF_NOTICE), values)).mappings().all()


async def find(connection: AsyncConnection, acknowledgement_id: bytes) -> RowMapping | None:
    """Return one acknowledgement."""
    found = await connection.execute(
        text(f"select {_COLUMNS} from alerting.acknowledgements where acknowledgement_id = :id"),  # noqa: S608  # our own names
        {"id": acknowledgement_id},
    )
    return found.mappings().one_or_none()


async def is_told(
    connection: AsyncConnection, organisation: str, delivery_id: bytes | None, notice_id: bytes | None
) -> bool:
    """Return whether this was told, or decided upon, for an organisation."""
    values = {"organisation": organisation, "delivery": delivery_id, "notice": notice_id}
    return bool(await connection.scalar(text(_TOLD), values))
