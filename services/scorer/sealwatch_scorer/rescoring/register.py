"""The rescorings that there are: begun, gone on with, listed, dropped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.errors import Misconfigured
from sealwatch.shell.policy_documents import Version, digest_of, version_in
from sealwatch_scorer.rescoring import sql
from sealwatch_scorer.rescoring.plan import BEGINNING, Wish


@dataclass(frozen=True, slots=True)
class Rescoring:
    """One that was begun: what was asked for, the document to score with, and its lanes."""

    name: str
    wish: Wish
    document: Mapping[str, Any]
    lanes: int
    kind: str = "shadow"
    began_with: str | None = None

    @property
    def version(self) -> Version:
        """Return the policy to score with, or the first one where those in force are used."""
        return version_in(self.document)


class Conflict(Misconfigured):
    """A rescoring of that name exists and was asked for something else."""


async def found(driver: asyncpg.Connection, name: str) -> Rescoring | None:
    """Return a rescoring that was begun, None where there is none of that name."""
    row = await driver.fetchrow(sql.FIND, name)
    if row is None:
        return None
    document = json.loads(row["document"])
    wish = Wish(row["policy_version"], digest_of(document), row["known_at"], row["as_of"])
    return Rescoring(name, wish, document, row["lanes"], row["kind"], row["began_with"])


async def begun(driver: asyncpg.Connection, asked: Rescoring, now: datetime) -> Rescoring:
    """Return the rescoring of this name, begun here unless it was before, or raise Conflict."""
    async with driver.transaction():
        known = await found(driver, asked.name)
        if known is None:
            await _begin(driver, asked, now)
            return asked
    if (known.wish, known.kind) != (asked.wish, asked.kind):
        raise Conflict(f"{asked.name} was begun with other options: drop it or choose another name")
    return known


async def _begin(driver: asyncpg.Connection, asked: Rescoring, now: datetime) -> None:
    wish, name = asked.wish, asked.name
    row = (name, asked.kind, wish.policy_version, json.dumps(asked.document), wish.known_at, wish.as_of)
    await driver.execute(sql.BEGIN, *row, asked.began_with, asked.lanes, now)
    await driver.execute(sql.BOUND, name, EVIDENCE.name, asked.lanes)
    await driver.execute(sql.START_LANES, name, *BEGINNING, None, asked.lanes)


async def listed(driver: asyncpg.Connection) -> list[dict[str, Any]]:
    """Return every rescoring with how far it is."""
    return [dict(row) for row in await driver.fetch(sql.LIST)]


async def dropped(driver: asyncpg.Connection, name: str) -> bool:
    """Drop a shadow with everything it made; a checkpoint stays, since the past hangs on it."""
    return str(await driver.execute(sql.DROP, name)) == "DELETE 1"


async def progress(driver: asyncpg.Connection, name: str) -> tuple[int, int, bool]:
    """Return how many events were scored, how many there are, and whether every lane is done."""
    [row] = await driver.fetch(sql.PROGRESS, name)
    return int(row["events"]), int(row["total"]), bool(row["done"])
