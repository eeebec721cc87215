"""Deliveries that are sent again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 10_000  # of one replay; the rest is asked for by another, from where this one ended; ours
# Notices are told again whatever was said about them; a reminder only while it still asks for a word. Its
# office may have answered by a word about a later notice of the product, or the product may have fallen.
_ENDED = """
select d.delivery_id from alerting.deliveries d
where d.subscription_id = :subscription and d.organisation_id = :organisation and d.state = any(:states)
  and (d.state <> 'cancelled' or d.reason is distinct from 'superseded' or 'delivered' = any(:states))
  and d.created_at >= :since and d.created_at < :until and d.cause is distinct from 'trial'
  and (d.step = 0 or exists (
      select from alerting.watches w
      where w.notice_id = d.notice_id and w.organisation_id = d.organisation_id and w.office = d.behalf
        and (w.ended is null or w.ended = 'top_was_told')
        and not exists (
            select from alerting.notices n
            where n.product_id = d.product_id and n.sequence >= d.sequence
              and alerting.seen_at(d.organisation_id, n.notice_id, d.behalf) is not null)))
order by d.created_at, d.sequence nulls last, d.delivery_id limit :most
"""
# A microsecond apart, so that they are claimed in this order; those before were made before the replay.
_REPLAY = """
update alerting.deliveries d set state = 'pending', failures = 0, leased_until = null, concluded_at = null,
       reason = null, replayed_at = :now,
       next_attempt_at = cast(:now as timestamptz) + c.place * interval '1 us',
       attempts_before = coalesce(
           (select max(a.number) from alerting.attempts a where a.delivery_id = c.id), 0)
from unnest(cast(:ids as bytea[])) with ordinality as c (id, place)
where d.delivery_id = c.id and d.state <> 'pending'
"""


async def ended(connection: AsyncConnection, asked: Mapping[str, Any]) -> list[bytes]:
    """Return the deliveries to an endpoint that ended so, made in a span, oldest first.

    What was superseded is only among them where all is to be told again, a reminder only while nobody of
    its office has answered.
    """
    found = await connection.execute(text(_ENDED), {**asked, "most": MOST})
    return [row.delivery_id for row in found]


async def replay(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Begin these deliveries anew, in this order, under their old ids."""
    await connection.execute(text(_REPLAY), dict(values))
