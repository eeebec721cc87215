"""What became of an event, for the organisation that sent it."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

_EVENT = """
select e.uid, e.product_id, e.type, e.source, e.occurred_at, e.appended, e.retracted_by, e.partition,
       e."offset", coalesce(e.instant, e.appended) as instant, e.headers, e.body
from scoring.seen s
join scoring.events e on e.appended = s.appended and e.partition = s.partition and e."offset" = s."offset"
where s.uid = :uid and e.organisation = :organisation
"""
_QUARANTINED = """
select product_id, reason, appended, state from scoring.quarantine
where uid = :uid and organisation = :organisation order by quarantine_id limit 100
"""
_LETTERS = """
select letter_id, source, error_class, reason, appended, state from scoring.dead_letters
where uid = :uid and organisation = :organisation order by appended, partition, "offset" limit 100
"""


async def event(connection: AsyncConnection, organisation: str, uid: bytes) -> RowMapping | None:
    """Return the event that stands under a uid."""
    found = await connection.execute(text(_EVENT), {"uid": uid, "organisation": organisation})
    return found.mappings().one_or_none()


async def quarantined(connection: AsyncConnection, organisation: str, uid: bytes) -> Sequence[RowMapping]:
    """Return what was set aside under a uid, in recorded order."""
    found = await connection.execute(text(_QUARANTINED), {"uid": uid, "organisation": organisation})
    return found.mappings().all()


async def letters(connection: AsyncConnection, organisation: str, uid: bytes) -> Sequence[RowMapping]:
    """Return the dead letters of a uid, in recorded order."""
    found = await connection.execute(text(_LETTERS), {"uid": uid, "organisation": organisation})
    return found.mappings().all()
