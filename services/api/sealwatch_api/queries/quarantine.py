"""Quarantined records: of one's own organisation, or of all for whoever looks after the centre."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import asked, where
from sealwatch_api.queries.letters import OF_APPENDED, of_own

_RECORD = (
    'quarantine_id, uid, product_id, organisation, reason, partition, "offset", appended as appended_at, '
    "state, resolved_at, resolved_by, note"
)
_STANDS = """
select e.body from scoring.seen s
join scoring.events e on e.appended = s.appended and e.partition = s.partition and e."offset" = s."offset"
where s.uid = :uid and e.organisation = :organisation
"""
_DISMISS = """
update scoring.quarantine set state = 'dismissed', resolved_at = :now, resolved_by = :by, note = :note
where quarantine_id = :id
"""


async def listed(
    connection: AsyncConnection,
    own: str | None,
    filters: Mapping[str, object],
    after: int | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return quarantined records, newest first."""
    beyond = ["quarantine_id < :after"] if after is not None else []
    conditions = where([*of_own(own), *asked(OF_APPENDED, filters), *beyond])
    found = await connection.execute(
        text(
            f"select {_RECORD} from scoring.quarantine where {conditions} "  # noqa: S608  # our own names
            "order by quarantine_id desc limit :most"
        ),
        {**filters, "own": own, "after": after, "most": most},
    )
    return found.mappings().all()


async def find(
    connection: AsyncConnection, own: str | None, quarantine_id: int, *, hold: bool = False
) -> RowMapping | None:
    """Return one record with its bytes, held until the transaction ends if asked for."""
    conditions = where([*of_own(own), "quarantine_id = :id"])
    found = await connection.execute(
        text(
            f"select {_RECORD}, headers, body from scoring.quarantine where {conditions}"  # noqa: S608  # ours
            + (" for update" if hold else "")
        ),
        {"own": own, "id": quarantine_id},
    )
    return found.mappings().one_or_none()


async def standing(connection: AsyncConnection, organisation: str, uid: bytes) -> bytes | None:
    """Return the body that was scored under a uid of this organisation."""
    found = await connection.execute(text(_STANDS), {"uid": uid, "organisation": organisation})
    return found.scalar_one_or_none()


async def dismiss(connection: AsyncConnection, quarantine_id: int, now: datetime, by: str, note: str) -> None:
    """Write on a record that this transaction holds that it is left as it is."""
    await connection.execute(text(_DISMISS), {"id": quarantine_id, "now": now, "by": by, "note": note})
