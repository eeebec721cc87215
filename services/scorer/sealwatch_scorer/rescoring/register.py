"""The rescorings that there are: begun, gone on with, listed, dropped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.errors import Misconfigured
from sealwatch.shell.policy_documents import Version, digest_of, version_in
from sealwatch_scorer.rescoring import sql
from sealwatch_scorer.rescoring.plan import BEGINNING, DAY, LAST, Wish


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


class Checkpoint(NamedTuple):
    """The states at the end of what was dropped, and the versions that they were made with."""

    name: str
    known_at: datetime
    versions: frozenset[str]


class PastGone(Misconfigured):
    """The events that were asked for were dropped, and no checkpoint stands for them."""


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
    wish, name, lanes = asked.wish, asked.name, asked.lanes
    past = await _past(driver, wish)
    row = (name, asked.kind, wish.policy_version, json.dumps(asked.document), wish.known_at, wish.as_of)
    await driver.execute(sql.BEGIN, *row, past.name if past else None, lanes, now)
    await driver.execute(sql.BOUND, name, EVIDENCE.name, lanes)
    if past is None:
        await driver.execute(sql.START_LANES, name, *BEGINNING, None, lanes)
        return
    swept = past.known_at.date() - DAY
    await driver.execute(sql.START_LANES, name, past.known_at, *LAST, swept, lanes)
    await driver.execute(sql.GO_ON_WITH, name, past.name)
    await driver.execute(sql.GO_ON_AFTER, name, lanes)


async def _past(driver: asyncpg.Connection, wish: Wish) -> Checkpoint | None:
    """Return the checkpoint to go on from, None where nothing was dropped, or raise PastGone."""
    row = await driver.fetchrow(sql.DROPPED)
    if row is None:
        return None
    past = Checkpoint(row["name"], row["known_at"], frozenset(row["versions"]))
    reason = objection(past, wish)
    if reason:
        raise PastGone(reason)
    return past


def objection(past: Checkpoint, wish: Wish) -> str | None:
    """Return why a wish cannot go on from a checkpoint, None when it can. Pure."""
    until = f"events up to {past.known_at:%Y-%m-%d} were dropped"
    limits = [at for at in (wish.known_at, wish.as_of) if at is not None]
    if limits and min(limits) < past.known_at:
        return f"{until}: nothing before that can be scored again"
    if wish.policy_version is not None and past.versions - {wish.policy_version}:
        others = ", ".join(sorted(past.versions))
        return f"{until}, and they were scored with {others}: the past under {wish.policy_version} is gone"
    return None


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
