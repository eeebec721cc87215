"""SQL of what owners of endpoints are told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import derived_uid
from sealwatch_alerts.mail.switched_off import SwitchedOff
from sealwatch_alerts.store import columns

REST = timedelta(hours=1)  # between two letters to an address: what comes meanwhile is told together; ours
REACH = timedelta(days=30)  # as long as what an endpoint missed can be replayed; older news helps nobody

# Only rows that no letter has yet, of addresses that have none on its way and got none of late.
FRESH = text(
    """
    select n.news_id, n.organisation_id, coalesce(o.contact, n.contact) as contact
    from alerting.owner_news n join registry.endpoint_owners o on o.subscription_id = n.subscription_id
    where n.letter_id is null and n.told_at is null and n.created_at > :oldest
      and coalesce(o.contact, n.contact) is not null
      and not exists (
          select from alerting.owner_news x
          where x.organisation_id = n.organisation_id and x.contact = coalesce(o.contact, n.contact)
            and (x.next_attempt_at is not null or x.told_at > :rested))
    order by n.news_id for update of n
    """
)
BEGIN = text(
    "update alerting.owner_news n set letter_id = c.letter, contact = c.contact, next_attempt_at = :now "
    "from unnest(cast(:id as bigint[]), cast(:letter as bytea[]), cast(:contact as text[])) "
    "as c (id, letter, contact) where n.news_id = c.id"
)
CLAIM = text(
    """
    with due as materialized (
        select news_id from alerting.owner_news where next_attempt_at <= :now
        order by next_attempt_at, news_id for update skip locked
    ), mine as (
        update alerting.owner_news n set next_attempt_at = :until from due where n.news_id = due.news_id
        returning n.*
    )
    select m.letter_id, m.contact, m.failures, m.reason, m.created_at, m.subscription_id, o.department, o.language,
           o.url, exists (select from alerting.mailboxes b where b.organisation_id = m.organisation_id
                          and b.address = m.contact and b.suspended_at is not null) as suspended
    from mine m join registry.endpoint_owners o on o.subscription_id = m.subscription_id
    order by m.letter_id, m.news_id
    """
)
ENDED = text(
    "update alerting.owner_news set told_at = cast(:told as timestamptz), failures = :failures, failed = :failed, "
    "next_attempt_at = cast(:next as timestamptz) where letter_id = :letter and told_at is null"
)


@dataclass(frozen=True, slots=True)
class News:
    """What one letter tells an address; ``suspended`` where its mail server refuses it for good."""

    letter_id: bytes
    contact: str
    failures: int
    language: str
    suspended: bool
    endpoints: tuple[SwitchedOff, ...]


async def begin(connection: AsyncConnection, now: datetime) -> int:
    """Make one letter of what each address is to hear, and return how many; its id is of what it tells."""
    found = (await connection.execute(FRESH, {"oldest": now - REACH, "rested": now - REST})).all()
    letters: dict[tuple[str, str], list[int]] = {}
    for row in found:
        letters.setdefault((row.organisation_id, row.contact), []).append(row.news_id)
    rows = [
        (news_id, derived_uid("owner", *key, str(ids[0])), key[1])
        for key, ids in letters.items()
        for news_id in ids
    ]
    if rows:
        await connection.execute(BEGIN, columns(("id", "letter", "contact"), rows) | {"now": now})
    return len(letters)


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta) -> list[News]:
    """Lease the letters that are due."""
    letters: dict[bytes, list[Row[tuple[object, ...]]]] = {}
    for row in await connection.execute(CLAIM, {"now": now, "until": now + lease}):
        letters.setdefault(row.letter_id, []).append(row)
    return [_news(rows) for rows in letters.values()]


def _news(rows: list[Row[tuple[object, ...]]]) -> News:
    first = rows[0]
    return News(
        first.letter_id,
        first.contact,
        first.failures,
        first.language,
        first.suspended,
        tuple(_endpoints(rows)),
    )


def _endpoints(rows: Iterable[Row[tuple[object, ...]]]) -> Iterable[SwitchedOff]:
    """Return each endpoint once, as it was switched off last."""
    newest = {row.subscription_id: row for row in rows}
    for row in newest.values():
        yield SwitchedOff(
            row.subscription_id.hex(), row.department, row.url or "", row.reason, row.created_at
        )


async def told(connection: AsyncConnection, news: News, now: datetime) -> None:
    """Write that the mail server took the letter."""
    values = {"letter": news.letter_id, "told": now, "failures": news.failures}
    await connection.execute(ENDED, values | {"failed": None, "next": None})


async def not_told(connection: AsyncConnection, news: News, why: str, next_at: datetime | None) -> None:
    """Write why the letter was not taken, and when it is tried again, if ever."""
    values = {"letter": news.letter_id, "told": None, "failures": news.failures + 1}
    await connection.execute(ENDED, values | {"failed": why[:1000], "next": next_at})
