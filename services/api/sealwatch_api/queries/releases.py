"""Public messages: drafts, what was released, and what everybody may read of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import where

LOCK_CLASS = 0x5EAF  # advisory locks by series: its messages come one after the other; ours
_COLUMNS = """
release_id, series_id, notice_id, msg_type, status, content, expires_at, drafted_by, drafted_at, released_by,
released_at, number, discarded_by, discarded_at
"""
_DRAFT = f"""
insert into registry.releases (release_id, organisation_id, series_id, notice_id, msg_type, status, content,
                               expires_at, drafted_by, drafted_at)
values (:id, :organisation, :series, :notice, :msg_type, :status, :content, :expires_at, :by, :now)
returning {_COLUMNS}
"""  # noqa: S608  # our own names
_RELEASE = f"""
update registry.releases set released_by = :by, released_at = :now, cap = :cap,
       number = nextval('registry.release_numbers'),
       content = content || jsonb_build_object('sender', cast(:sender as text))
where organisation_id = :organisation and release_id = :id and released_at is null and discarded_at is null
returning {_COLUMNS}
"""  # noqa: S608  # our own names
_DISCARD = f"""
update registry.releases set discarded_by = :by, discarded_at = :now
where organisation_id = :organisation and release_id = :id and released_at is null and discarded_at is null
returning {_COLUMNS}
"""  # noqa: S608  # our own names
_SERIES = f"""
select {_COLUMNS} from registry.releases
where organisation_id = :organisation and series_id = :series and released_at is not null order by number
"""  # noqa: S608  # our own names
_NOTICE = """
select n.change, p.name from alerting.notices n left join registry.products p on p.product_id = n.product_id
where n.notice_id = :id
"""
_ONE = ["organisation_id = :organisation", "release_id = :id"]
_PUBLIC = "select release_id, series_id, number, msg_type, status, content, released_at, cap"


async def lock(connection: AsyncConnection, series_id: bytes) -> None:
    """Let nobody else add to this series until this transaction ends."""
    statement = text("select pg_advisory_xact_lock(:class, hashtext(:series))")
    await connection.execute(statement, {"class": LOCK_CLASS, "series": series_id.hex()})


async def notice(connection: AsyncConnection, notice_id: bytes) -> RowMapping | None:
    """Return the change that a notice is of, and what its product is called."""
    return (await connection.execute(text(_NOTICE), {"id": notice_id})).mappings().one_or_none()


async def draft(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping:
    """Write a draft, or a withdrawal that is released in the same transaction."""
    statement = text(_DRAFT).bindparams(bindparam("content", type_=JSONB))
    return (await connection.execute(statement, dict(values))).mappings().one()


async def release(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping | None:
    """Release a draft, or return None where it is settled already."""
    return (await connection.execute(text(_RELEASE), dict(values))).mappings().one_or_none()


async def discard(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping | None:
    """Discard a draft, or return None where it is settled already or not there."""
    return (await connection.execute(text(_DISCARD), dict(values))).mappings().one_or_none()


async def series(connection: AsyncConnection, organisation: str, series_id: bytes) -> Sequence[RowMapping]:
    """Return the messages of a series that were released, the oldest first."""
    values = {"organisation": organisation, "series": series_id}
    return (await connection.execute(text(_SERIES), values)).mappings().all()


async def find(connection: AsyncConnection, organisation: str, release_id: bytes) -> RowMapping | None:
    """Return one draft or message of an organisation."""
    statement = text(f"select {_COLUMNS} from registry.releases where {where(_ONE)}")  # noqa: S608  # our own names
    found = await connection.execute(statement, {"organisation": organisation, "id": release_id})
    return found.mappings().one_or_none()


async def listed(
    connection: AsyncConnection, organisation: str, after: tuple[datetime, bytes] | None, most: int
) -> Sequence[RowMapping]:
    """Return drafts and messages of an organisation, newest first."""
    beyond = ["(drafted_at, release_id) < (:at, :uid)"] if after else []
    conditions = where(["organisation_id = :organisation", *beyond])
    found = await connection.execute(
        text(
            f"select {_COLUMNS} from registry.releases where {conditions} "  # noqa: S608  # our own names
            "order by drafted_at desc, release_id desc limit :most"
        ),
        {"organisation": organisation, "most": most} | ({"at": after[0], "uid": after[1]} if after else {}),
    )
    return found.mappings().all()


async def public_page(connection: AsyncConnection, before: int | None, most: int) -> Sequence[RowMapping]:
    """Return what was released, of every organisation, newest first."""
    condition = "number < :before" if before is not None else "true"
    found = await connection.execute(
        text(f"{_PUBLIC} from registry.public_releases where {condition} order by number desc limit :most"),
        {"most": most} | ({"before": before} if before is not None else {}),
    )
    return found.mappings().all()


async def public_message(connection: AsyncConnection, release_id: bytes) -> RowMapping | None:
    """Return one message that was released."""
    found = await connection.execute(
        text(f"{_PUBLIC} from registry.public_releases where release_id = :id"), {"id": release_id}
    )
    return found.mappings().one_or_none()
