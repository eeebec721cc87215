"""Policy versions: drafted, published or withdrawn, and who did it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.shell.policy_documents import Version

PUBLISHING = 0x5EA2  # advisory lock: versions are published one after the other; any fixed number does
_SUMMARY = """
version, digest, effective_from, author, created_at, state, published_by, published_at, publication
"""
_DRAFT = """
insert into registry.policies (version, document, digest, effective_from, author, created_at)
values (:version, cast(:document as jsonb), :digest, :effective_from, :author, :created_at)
on conflict (version) do nothing returning version
"""
_PUBLISH = """
update registry.policies
set state = 'published', published_by = :by, published_at = :at,
    publication = (select coalesce(max(publication), 0) + 1 from registry.policies)
where version = :version
"""
_RECORD = """
insert into registry.policy_actions (version, action, digest, acted_by, key_id, acted_at, note)
values (:version, :action, :digest, :by, :key_id, :at, :note)
"""
_PUBLISHED = """
select version, effective_from, publication from registry.published_policies where effective_from <= :day
"""
_FIRST = "select version from registry.first_policy"


class Act(NamedTuple):
    """What somebody does with a version."""

    version: str
    digest: str
    by: str
    key_id: str
    at: datetime
    note: str = ""


class Entry(NamedTuple):
    """A published version as the order of versions knows it."""

    version: str
    effective_from: date
    publication: int


async def draft(connection: AsyncConnection, version: Version, act: Act) -> bool:
    """Write a draft; return whether its version was free."""
    values = {
        "version": act.version,
        "document": msgspec.json.encode(version.document).decode(),
        "digest": act.digest,
        "effective_from": version.policy.effective_from,
        "author": act.by,
        "created_at": act.at,
    }
    free = await connection.scalar(text(_DRAFT), values) is not None
    if free:
        await _record(connection, act, "drafted")
    return free


async def began_with(connection: AsyncConnection) -> str:
    """Return the name of the shipped version that the database goes by until one is published."""
    return str(await connection.scalar(text(_FIRST)))


async def find(connection: AsyncConnection, version: str) -> RowMapping | None:
    """Return one version with its document."""
    return await _one(connection, version, "")


async def lock(connection: AsyncConnection, version: str) -> RowMapping | None:
    """Return one version, and let nobody publish or withdraw any until this transaction ends."""
    await connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": PUBLISHING})
    return await _one(connection, version, "for update")


async def _one(connection: AsyncConnection, version: str, locking: str) -> RowMapping | None:
    statement = f"select {_SUMMARY}, document from registry.policies where version = :version {locking}"  # noqa: S608  # our own names
    found = await connection.execute(text(statement), {"version": version})
    return found.mappings().one_or_none()


async def publish(connection: AsyncConnection, act: Act) -> None:
    """Publish a draft that is locked."""
    await connection.execute(text(_PUBLISH), act._asdict())
    await _record(connection, act, "published")


async def withdraw(connection: AsyncConnection, act: Act) -> None:
    """Withdraw a draft that is locked."""
    await connection.execute(
        text("update registry.policies set state = 'withdrawn' where version = :version"), act._asdict()
    )
    await _record(connection, act, "withdrawn")


async def _record(connection: AsyncConnection, act: Act, action: str) -> None:
    await connection.execute(text(_RECORD), {**act._asdict(), "action": action})


async def published(connection: AsyncConnection, day: date) -> list[Entry]:
    """Return the published versions that are effective on a day."""
    found = await connection.execute(text(_PUBLISHED), {"day": day})
    return [Entry(*row) for row in found]


async def listed(
    connection: AsyncConnection, after: tuple[datetime, str] | None, most: int
) -> Sequence[RowMapping]:
    """Return versions without their documents, newest draft first."""
    beyond = "where (created_at, version) < (:at, :last)" if after else ""
    found = await connection.execute(
        text(
            f"select {_SUMMARY} from registry.policies {beyond} "  # noqa: S608  # our own names
            "order by created_at desc, version desc limit :most"
        ),
        {"most": most} | ({"at": after[0], "last": after[1]} if after else {}),
    )
    return found.mappings().all()


async def actions(connection: AsyncConnection, version: str) -> Sequence[RowMapping]:
    """Return what was done with a version, in order."""
    found = await connection.execute(
        text(
            "select action, digest, acted_by, key_id, acted_at, note from registry.policy_actions "
            "where version = :version order by action_id"
        ),
        {"version": version},
    )
    return found.mappings().all()
