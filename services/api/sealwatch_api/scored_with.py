"""The policies that assessments name, so that each is shown as it was made."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache, partial

import msgspec
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Policy
from sealwatch.shell.policy_documents import Version, version_of
from sealwatch.shell.succession import in_force, objections
from sealwatch_api.parts import Parts
from sealwatch_api.queries import policies as queries


async def first_of(connection: AsyncConnection, parts: Parts) -> Version:
    """Return the policy that holds until a published version does."""
    return await parts.first.version(partial(queries.began_with, connection))


async def policies_of(
    connection: AsyncConnection, parts: Parts, rows: Iterable[RowMapping]
) -> Mapping[str, Policy]:
    """Return the policies that these products were assessed with, by version, as far as they are known."""
    base = (await first_of(connection, parts)).policy
    known = {base.version: base}
    for version in sorted({row["policy_version"] or base.version for row in rows} - known.keys()):
        found = await _version(connection, version)
        if found is not None:
            known[version] = found.policy
    return known


async def version_on(connection: AsyncConnection, parts: Parts, day: date) -> Version:
    """Return the version that a day is scored with, as far as it is published: as the scorer chooses it."""
    base = await first_of(connection, parts)
    first = queries.Entry(base.policy.version, base.policy.effective_from, 0)
    able = [first, *await queries.published(connection, day)]
    while (chosen := in_force(able, day) or first) is not first:
        found = await _version(connection, chosen.version)
        if found is not None and not objections(base.document, found.document):
            return found
        able.remove(chosen)
    return base


async def calendar(connection: AsyncConnection, parts: Parts, until: date) -> Callable[[date], Policy]:
    """Return what gives the policy of every day up to this one, as the scorer chooses it."""
    base = await first_of(connection, parts)
    first = queries.Entry(base.policy.version, base.policy.effective_from, 0)
    able, policies = [first], {first.version: base.policy}
    for entry in await queries.published(connection, until):
        found = await _version(connection, entry.version)
        if found is not None and not objections(base.document, found.document):
            able.append(entry)
            policies[entry.version] = found.policy

    def on(day: date) -> Policy:
        return policies[(in_force(able, day) or first).version]

    return on


async def _version(connection: AsyncConnection, version: str) -> Version | None:
    found = await queries.find(connection, version)
    return _read(msgspec.json.encode(found["document"])) if found else None


@lru_cache(maxsize=64)  # a published document never changes, and what is worked out for it is kept with it
def _read(document: bytes) -> Version | None:
    """Return the version of a document; None for one that this release no longer reads."""
    try:
        return version_of(document)
    except Misconfigured:
        return None
