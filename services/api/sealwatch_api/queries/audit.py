"""Who changed what about the warnings: a row a change, in the change's own transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.auth import Access
from sealwatch_api.queries.clauses import asked, where

_KEEP = """
insert into registry.audit (organisation_id, acted_at, acted_by, key_id, action, subject, detail)
values (:organisation, :now, :person, :key_id, :action, :subject, cast(:detail as jsonb))
"""
_FILTERS = {"action": "action = :action", "subject": "subject = :subject"}


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to what; ``detail`` is what a reader needs to see of it later."""

    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)


async def keep(connection: AsyncConnection, access: Access, deed: Deed) -> None:
    """Write a deed of this caller, which nobody can change after that."""
    caller = access.caller
    who = {"organisation": caller.organisation, "person": caller.person, "key_id": caller.key_id}
    detail = json.dumps(deed.detail, default=str)
    what = {"action": deed.action, "subject": deed.subject, "detail": detail}
    await connection.execute(text(_KEEP), who | what | {"now": access.parts.clock()})


async def listed(
    connection: AsyncConnection,
    organisation: str,
    filters: Mapping[str, object],
    before: int | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return deeds of an organisation, newest first."""
    beyond = ["audit_id < :before"] if before else []
    conditions = where(["organisation_id = :organisation", *asked(_FILTERS, filters), *beyond])
    found = await connection.execute(
        text(
            "select audit_id, acted_at, acted_by, key_id, action, subject, detail "  # noqa: S608  # our own names
            f"from registry.audit where {conditions} order by audit_id desc limit :most"
        ),
        {**filters, "organisation": organisation, "most": most} | ({"before": before} if before else {}),
    )
    return found.mappings().all()
