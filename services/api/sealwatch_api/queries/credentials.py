"""Keys: looked up by their public id, kept as digests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.registry import CredentialEntry
from sealwatch_api.queries.clauses import where

_COLUMNS = (
    "key_id, organisation_id, source_id, label, digest, scopes, source_classes, accredited, created_at, "
    "expires_at, revoked_at"
)
_FIND = f"select {_COLUMNS} from registry.credentials where key_id = :key_id"  # noqa: S608  # our own names
_INSERT = f"""
insert into registry.credentials
    (key_id, organisation_id, source_id, label, digest, scopes, source_classes, accredited, created_at,
     expires_at)
values (:key_id, :organisation_id, :source_id, :label, :digest, :scopes, cast(:source_classes as jsonb),
        :accredited, :created_at, :expires_at)
returning {_COLUMNS}
"""  # noqa: S608  # our own names
_REVOKE = f"""
update registry.credentials set revoked_at = coalesce(revoked_at, :now)
where organisation_id = :organisation and key_id = :key_id
returning {_COLUMNS}
"""  # noqa: S608  # our own names


class Particulars(NamedTuple):
    """What is kept of a key and not told to intake in the same form."""

    label: str
    expires_at: datetime | None
    created_at: datetime


async def find(connection: AsyncConnection, key_id: str) -> RowMapping | None:
    """Return the credential of an id, of whatever organisation."""
    found = await connection.execute(text(_FIND), {"key_id": key_id})
    return found.mappings().one_or_none()


async def insert(connection: AsyncConnection, entry: CredentialEntry, said: Particulars) -> RowMapping:
    """Write a new key and return its row."""
    values: dict[str, Any] = entry.model_dump(include={"key_id", "organisation_id", "source_id", "digest"})
    found = await connection.execute(
        text(_INSERT),
        {
            **values,
            "label": said.label,
            "scopes": list(entry.scopes),
            "source_classes": msgspec.json.encode(entry.source_classes).decode(),
            "accredited": entry.accredited,
            "created_at": said.created_at,
            "expires_at": said.expires_at,
        },
    )
    return found.mappings().one()


async def listed(
    connection: AsyncConnection, organisation: str, after: str | None, most: int
) -> Sequence[RowMapping]:
    """Return keys of an organisation by id, revoked ones too."""
    conditions = ["organisation_id = :organisation", *(["key_id > :after"] if after else [])]
    found = await connection.execute(
        text(
            f"select {_COLUMNS} from registry.credentials where {where(conditions)} "  # noqa: S608  # our own names
            "order by key_id limit :most"
        ),
        {"organisation": organisation, "most": most} | ({"after": after} if after else {}),
    )
    return found.mappings().all()


async def revoke(
    connection: AsyncConnection, organisation: str, key_id: str, now: datetime
) -> RowMapping | None:
    """Revoke a key of an organisation and return its row; the first revocation stands."""
    found = await connection.execute(
        text(_REVOKE), {"organisation": organisation, "key_id": key_id, "now": now}
    )
    return found.mappings().one_or_none()


async def make_organisation(connection: AsyncConnection, organisation: str, name: str) -> None:
    """Make an organisation unless it is there."""
    await connection.execute(
        text(
            "insert into registry.organisations (organisation_id, name) values (:organisation, :name) "
            "on conflict do nothing"
        ),
        {"organisation": organisation, "name": name},
    )
