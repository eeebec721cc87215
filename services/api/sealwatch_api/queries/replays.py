"""Deliveries that are sent again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 10_000  # of one replay; the rest is asked for by another, from where this one ended; ours
_ENDED = """
select delivery_id from alerting.deliveries
where subscription_id = :subscription and organisation_id = :organisation and state = any(:states)
  and (state <> 'cancelled' or reason is distinct from 'superseded' or 'delivered' = any(:states))
  and created_at >= :since and created_at < :until and cause is distinct from 'trial'
order by created_at, sequence nulls last, delivery_id limit :most
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

    What was superseded is only among them where all is to be told again.
    """
    found = await connection.execute(text(_ENDED), {**asked, "most": MOST})
    return [row.delivery_id for row in found]


async def replay(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Begin these deliveries anew, in this order, under their old ids."""
    await connection.execute(text(_REPLAY), dict(values))
