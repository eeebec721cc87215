"""The ledger of migrations: which files a database has, and what each said when it was applied.

A database of before the ledger knows only the newest name it had. What such a stamp leaves open, a file
that was added later with an earlier number, is told by a mark: something that only that file makes.
"""

from collections.abc import Mapping
from hashlib import sha256

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.errors import Misconfigured

_OPEN = """
create table if not exists public.applied_migrations (
    revision   text primary key,
    digest     text not null check (digest ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz not null default now()
)
"""
_RECORD = "insert into public.applied_migrations (revision, digest) values (:revision, :digest)"
_RELATION = "select to_regclass('{}') is not null"
_COLUMN = "select exists (select from pg_attribute where attrelid = to_regclass('{}') and attname = '{}')"
_FUNCTION = "select to_regproc('{}') is not null"
MARKS: Mapping[str, str] = {
    "0001_spine": _RELATION.format("registry.organisations"),
    "0002_letters": _RELATION.format("scoring.dead_letters"),
    "0003_policies": _RELATION.format("registry.policies"),
    "0004_rollups": _RELATION.format("scoring.rollups"),
    "0005_stale": _COLUMN.format("scoring.product_state", "stale"),
    "0006_device_indicators": _COLUMN.format("registry.devices", "indicators"),
    "0007_explanations": _RELATION.format("registry.level_overrides"),
    "0008_rescoring": _RELATION.format("scoring.rescorings"),
    "0009_bells": _FUNCTION.format("registry.ring"),
    "0010_quarantine_key": _RELATION.format("scoring.quarantine_address"),
}
"""What the files of before the ledger made; a file of later needs no mark."""


def digest_of(sql: str) -> str:
    """Return the checksum of a migration, in hexadecimal digits."""
    return sha256(sql.encode()).hexdigest()


def pending(shipped: Mapping[str, str], recorded: Mapping[str, str], *, late: bool = False) -> list[str]:
    """Return what a database lacks, in order, or raise Misconfigured where going on would not be safe.

    ``shipped`` gives the SQL of each revision, ``recorded`` the checksum of each applied one. A file that
    sorts before one that was applied is refused unless ``late``: what came after it may have been built
    on what it should have made, such as a table that is like another. A revision that is recorded and
    not shipped belongs to a newer release and is left alone.
    """
    changed = [name for name, sql in shipped.items() if recorded.get(name) not in (None, digest_of(sql))]
    if changed:
        raise Misconfigured(
            f"changed after they were applied here: {', '.join(sorted(changed))}; nothing was done. "
            "Put the released files back, and say what is to change in a new one"
        )
    lacking = sorted(shipped.keys() - recorded.keys())
    newest = max(recorded, default="")
    passed = [name for name in lacking if name < newest]
    if passed and not late:
        raise Misconfigured(
            f"never applied here, though {newest} was: {', '.join(passed)}; nothing was done. "
            "Give them a number after it, or apply them with --late if nothing between builds on them"
        )
    return lacking


async def opened(
    connection: AsyncConnection, shipped: Mapping[str, str], stamp: str | None
) -> dict[str, str]:
    """Return the checksum of every applied revision; make the ledger where there is none."""
    is_new = await connection.scalar(text("select to_regclass('public.applied_migrations') is null"))
    await connection.execute(text(_OPEN))
    if is_new and stamp is not None:
        await _adopt(connection, shipped)
    rows = await connection.execute(text("select revision, digest from public.applied_migrations"))
    return {row.revision: row.digest for row in rows}


async def record(connection: AsyncConnection, revision: str, sql: str) -> None:
    """Write down that a migration was applied, in the transaction that applied it."""
    await connection.execute(text(_RECORD), {"revision": revision, "digest": digest_of(sql)})


async def _adopt(connection: AsyncConnection, shipped: Mapping[str, str]) -> None:
    """Record the files of before the ledger that have left their mark."""
    for revision, mark in MARKS.items():
        if revision in shipped and await connection.scalar(text(mark)):
            await record(connection, revision, shipped[revision])
