"""The one way to write that somebody saw a warning, by link, api or a webhook's answer, and to count it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.shell.metrics import ACKNOWLEDGEMENT_SECONDS, ACKNOWLEDGEMENTS

# A test send tells of nothing, so there is nothing about it to acknowledge. What is returned is read from the
# tables as they were before: whether this is the first word, and how long its office was told by then.
_WRITE = """
insert into alerting.acknowledgements as a
    (acknowledgement_id, organisation_id, notice_id, delivery_id, who, via, answer, acknowledged_at)
select :id, coalesce(cast(:organisation as text), d.organisation_id), cast(:notice_id as bytea),
       cast(:delivery_id as bytea), :who, :via, :answer, :now
from (select 1) one left join alerting.deliveries d on d.delivery_id = :delivery_id
where d.cause is distinct from 'trial'
on conflict do nothing
returning a.via,
    not exists (select from alerting.acknowledgements x
                where x.delivery_id = a.delivery_id or x.notice_id = a.notice_id) as first,
    extract(epoch from a.acknowledged_at - coalesce(
        (select min(c.decided_at) from alerting.decisions c
         where c.organisation_id = a.organisation_id and c.notice_id = coalesce(a.notice_id,
               (select d.notice_id from alerting.deliveries d where d.delivery_id = a.delivery_id))),
        (select d.created_at from alerting.deliveries d where d.delivery_id = a.delivery_id))) as waited
"""


@dataclass(frozen=True, slots=True)
class Word:
    """An acknowledgement that was written; the first about its subject has how many seconds it took."""

    via: str
    waited: float | None


async def acknowledge(connection: AsyncConnection, values: Mapping[str, Any], now: datetime) -> list[Word]:
    """Write who saw what, and return what is new of it; the same words twice are one acknowledgement.

    ``values`` are id, who, via, answer, notice_id, delivery_id, and organisation, which may be left to the
    delivery. What is returned is to be counted by ``count`` once the caller's transaction is committed.
    """
    named = {"organisation": None, "notice_id": None, "delivery_id": None, **values, "now": now}
    row = (await connection.execute(text(_WRITE), named)).one_or_none()
    if row is None:
        return []
    is_timed = row.first and row.waited is not None
    return [Word(row.via, max(0.0, float(row.waited)) if is_timed else None)]


def count(words: Iterable[Word]) -> None:
    """Count words that are committed: what is rolled back and written again is one word."""
    for one in words:
        ACKNOWLEDGEMENTS.labels(one.via).inc()
        if one.waited is not None:
            ACKNOWLEDGEMENT_SECONDS.labels(one.via).observe(one.waited)
