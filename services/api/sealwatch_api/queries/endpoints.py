"""Endpoints of an organisation's webhooks, as the warnings found them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

NEWEST = 1_000  # deliveries that the percentiles look at; ours
_FIND = """
select e.last_attempt_at, e.last_success_at, e.failing_since, coalesce(e.failures, 0) as failures,
       coalesce(extract(epoch from e.failing_for), 0)::bigint as failing_seconds, e.last_detail,
       e.disabled_at, e.reason as disabled_reason,
       (select count(*) from alerting.deliveries d
        where d.subscription_id = s.subscription_id and d.state = 'pending') as waiting,
       1 + (select count(*) from registry.retiring_secrets r
            where r.subscription_id = s.subscription_id and r.signs_until > :now) as signing_secrets
from registry.subscriptions s left join alerting.endpoints e on e.subscription_id = s.subscription_id
where s.organisation_id = :organisation and s.subscription_id = :id and s.channel = 'webhook'
  and s.deleted_at is null
"""
_SPEED = """
select count(*) as answers,
       (percentile_disc(0.5) within group (order by a.took_ms)) as p50_ms,
       (percentile_disc(0.99) within group (order by a.took_ms)) as p99_ms
from (select delivery_id from alerting.deliveries where subscription_id = :id
      order by created_at desc, delivery_id desc limit :newest) d
join alerting.attempts a on a.delivery_id = d.delivery_id
where a.status is not null
"""
_NEWS = """
select kind, reason, contact, created_at, told_at, failed, next_attempt_at from alerting.owner_news
where subscription_id = :id order by news_id desc limit 20
"""
_ENDED = """
update registry.retiring_secrets
set signs_until = greatest(cast(:now as timestamptz), retired_at + interval '1 us')
where subscription_id = :id and signs_until > :now
"""
_RETIRED = """
insert into registry.retiring_secrets
    (subscription_id, organisation_id, secret_sealed, retired_at, signs_until)
select subscription_id, organisation_id, secret_sealed, :now, :until from registry.subscriptions
where subscription_id = :id
"""
_ROTATED = "update registry.subscriptions set secret_sealed = :sealed where subscription_id = :id"
_TRIAL = """
insert into alerting.deliveries (delivery_id, subscription_id, organisation_id, grouped, cause, state,
                                 next_attempt_at, created_at)
values (:id, :subscription, :organisation, true, 'trial', 'pending', :now, :now)
"""
_ENABLE = """
update alerting.endpoints set disabled_at = null, reason = null, failing_since = null, failures = 0,
       failing_for = '0', counted_at = null
where subscription_id = :id and disabled_at is not null returning subscription_id
"""


async def find(
    connection: AsyncConnection, organisation: str, subscription_id: bytes, now: datetime
) -> RowMapping | None:
    """Return how an endpoint of an organisation stands."""
    values = {"organisation": organisation, "id": subscription_id, "now": now}
    return (await connection.execute(text(_FIND), values)).mappings().one_or_none()


async def speed(connection: AsyncConnection, subscription_id: bytes) -> RowMapping:
    """Return how fast an endpoint answered of late."""
    values = {"id": subscription_id, "newest": NEWEST}
    return (await connection.execute(text(_SPEED), values)).mappings().one()


async def owner_news(connection: AsyncConnection, subscription_id: bytes) -> Sequence[RowMapping]:
    """Return what the owner of an endpoint is to be told, newest first."""
    return (await connection.execute(text(_NEWS), {"id": subscription_id})).mappings().all()


async def rotate(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Put a new secret in place of the old one, which signs on until then; without a span none does."""
    if values["until"] > values["now"]:
        await connection.execute(text(_RETIRED), dict(values))
    else:
        await connection.execute(text(_ENDED), dict(values))
    await connection.execute(text(_ROTATED), dict(values))


async def queue_trial(connection: AsyncConnection, values: Mapping[str, Any]) -> None:
    """Queue a delivery that tells of nothing."""
    await connection.execute(text(_TRIAL), dict(values))


async def enable(connection: AsyncConnection, subscription_id: bytes) -> bool:
    """Switch an endpoint on with a fresh clock; return whether it was off."""
    return await connection.scalar(text(_ENABLE), {"id": subscription_id}) is not None
