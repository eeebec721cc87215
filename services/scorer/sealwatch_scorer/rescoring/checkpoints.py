"""Months of raw events dropped, once a checkpoint holds the states at their end."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import asyncpg

from sealwatch.contracts.topics import EVIDENCE
from sealwatch.errors import Misconfigured
from sealwatch.risk.decay import LONGEST_DAYS
from sealwatch.shell.policy_documents import Version
from sealwatch_scorer.rescoring import sql_checkpoints as sql
from sealwatch_scorer.rescoring.plan import DAY, Wish
from sealwatch_scorer.rescoring.register import Rescoring

KEPT_MONTHS = 13  # a year can be compared with the one before it; ours
MILLISECOND = timedelta(milliseconds=1)


class Month(NamedTuple):
    """A calendar month in UTC."""

    year: int
    number: int

    @property
    def end(self) -> datetime:
        """Return the instant at which it is over."""
        return self.later(1).start

    @property
    def start(self) -> datetime:
        """Return its first instant."""
        return datetime.combine(date(self.year, self.number, 1), time.min, UTC)

    def later(self, months: int) -> "Month":
        """Return the month so many later."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.year:04}-{self.number:02}"


class Kept(Misconfigured):
    """A month whose events must stay; the message says why."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What the database says before months are dropped: swept through, clocks, tables with events."""

    swept_through: date | None
    after_the_clock: int
    tables: tuple[str, ...]


def objection(month: Month, now: datetime, fresh_days: int, *, forced: bool) -> str | None:
    """Return why a month cannot be dropped on this day whatever the database holds. Pure."""
    if now < month.end:
        return f"{month} is not over"
    if now < month.end + timedelta(days=min(fresh_days, LONGEST_DAYS)):
        return f"evidence of {month} is still fresh for {fresh_days} days: a retraction may need it"
    if now < month.later(KEPT_MONTHS).end and not forced:
        return f"{month} ended less than {KEPT_MONTHS} months ago: say --force"
    return None


def hindrance(month: Month, stand: Stand) -> str | None:
    """Return what in the database keeps a month from being dropped. Pure."""
    last = (month.end - DAY).date()
    if stand.swept_through is None or stand.swept_through < last:
        return f"live scoring has not swept {last} yet"
    if stand.after_the_clock:
        return (
            f"{stand.after_the_clock} events of {month} were recorded after its end, by a clock that went "
            "back: drop them with the next month"
        )
    if not stand.tables:
        return f"nothing of {month} or before is left"
    return None


def checkpoint_of(month: Month, base: Version, lanes: int) -> Rescoring:
    """Return the rescoring that holds the states at the end of a month."""
    wish = Wish(None, base.digest, known_at=month.end - MILLISECOND)
    return Rescoring(f"checkpoint-{month}", wish, base.document, lanes, kind="checkpoint")


async def stand_of(driver: asyncpg.Connection, month: Month) -> Stand:
    """Return what the database says."""
    swept = await driver.fetchval(sql.SWEPT, EVIDENCE.name)
    late = await driver.fetchval(sql.AFTER_THE_END, month.end)
    rows = await driver.fetch(sql.TABLES, _table(month))
    return Stand(swept, late, tuple(row["table"] for row in rows))


async def drop(driver: asyncpg.Connection, month: Month, name: str, now: datetime) -> int:
    """Drop every month up to this one and return how many events were kept for later retractions.

    In one transaction, with scoring held off: either the checkpoint stands for them, or they are there.
    """
    async with driver.transaction():
        await driver.execute(sql.HOLD)
        stand = await stand_of(driver, month)
        reason = hindrance(month, stand)
        if reason:
            raise Kept(reason)
        if await driver.fetchval(sql.MARK, name, now) != name:
            raise Kept(f"{name} is not finished")
        kept = await driver.execute(sql.KEEP, month.end)
        for table in stand.tables:
            await driver.execute(sql.drop_table(table))
        await driver.execute(sql.CLEAR_REST, month.end)
    return int(kept.rpartition(" ")[2])


def _table(month: Month) -> str:
    return f"events_{month.year:04}_{month.number:02}"
