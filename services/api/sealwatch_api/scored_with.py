"""The policies that assessments name, so that each is shown as it was made."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Policy
from sealwatch.shell.policy_documents import version_of
from sealwatch_api.parts import Parts
from sealwatch_api.queries import policies as queries


async def policies_of(
    connection: AsyncConnection, parts: Parts, rows: Iterable[RowMapping]
) -> Mapping[str, Policy]:
    """Return the policies that these products were assessed with, by version, as far as they are known."""
    base = parts.policy
    known = {base.version: base}
    for version in sorted({row["policy_version"] or base.version for row in rows} - known.keys()):
        found = await queries.find(connection, version)
        policy = _read(msgspec.json.encode(found["document"])) if found else None
        if policy is not None:
            known[version] = policy
    return known


@lru_cache(maxsize=64)  # a published document never changes, and what is worked out for it is kept with it
def _read(document: bytes) -> Policy | None:
    """Return the policy of a document; None for one that this release no longer reads."""
    try:
        return version_of(document).policy
    except Misconfigured:
        return None
