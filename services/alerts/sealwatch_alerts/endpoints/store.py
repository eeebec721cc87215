"""SQL of how endpoints stand."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.shell.db import Statement
from sealwatch_alerts.endpoints.health import Heard, Standing
from sealwatch_alerts.store import columns

# A success is written once a second where nothing else has changed: two thousand a second would be one row's.
RECORD = Statement(
    """
    insert into alerting.endpoints as e (subscription_id, last_attempt_at, last_success_at, failing_since, counted_at,
                                         failures, last_detail)
    select id, attempt, success, since, since, failures, detail
    from unnest(cast(:id as bytea[]), cast(:attempt as timestamptz[]), cast(:success as timestamptz[]),
                cast(:since as timestamptz[]), cast(:failures as int[]), cast(:detail as text[]))
      as c (id, attempt, success, since, failures, detail)
    on conflict (subscription_id) do update set
        last_attempt_at = greatest(e.last_attempt_at, excluded.last_attempt_at),
        last_success_at = greatest(e.last_success_at, excluded.last_success_at),
        last_detail = excluded.last_detail,
        failures = excluded.failures + case when excluded.last_success_at is null then e.failures else 0 end,
        failing_since = case when excluded.last_success_at is null
                             then coalesce(e.failing_since, excluded.failing_since) else excluded.failing_since end,
        failing_for = case when excluded.last_success_at is null and e.failing_since is not null
                           then e.failing_for else '0' end,
        counted_at = case when excluded.last_success_at is null and e.failing_since is not null
                          then e.counted_at else excluded.failing_since end
    where excluded.failures > 0 or e.failing_since is not null or e.last_success_at is null
       or excluded.last_success_at >= e.last_success_at + interval '1 s'
    """
)
RECORD_COLUMNS = ("id", "attempt", "success", "since", "failures", "detail")
STANDINGS = text(
    """
    select subscription_id, last_attempt_at, failing_since, failing_for, counted_at from alerting.endpoints
    where disabled_at is null and last_attempt_at is not null
      and subscription_id in (select subscription_id from registry.active_subscriptions)
    order by subscription_id for update
    """
)
COUNTED = text(
    """
    update alerting.endpoints e set failing_for = c.spent, counted_at = :now
    from unnest(cast(:id as bytea[]), cast(:spent as interval[])) as c (id, spent) where e.subscription_id = c.id
    """
)
DISABLED = text("select count(*) from alerting.endpoints where disabled_at is not null")


async def record(connection: AsyncConnection, heard: Sequence[Heard]) -> None:
    """Write what attempts said of endpoints."""
    if heard:
        await RECORD(connection, columns(RECORD_COLUMNS, map(_row, heard)))


def _row(one: Heard) -> tuple[object, ...]:
    said = one.attempt_at, one.success_at, one.failing_since, one.failures, one.detail
    return one.subscription_id, *said


async def standings(connection: AsyncConnection) -> list[Standing]:
    """Return how the endpoints stand that are not switched off, held until this transaction ends."""
    return [Standing(*row) for row in await connection.execute(STANDINGS)]


async def write_counted(connection: AsyncConnection, endpoints: Sequence[Standing], now: datetime) -> None:
    """Write the clocks of failing endpoints."""
    if endpoints:
        rows = ((one.subscription_id, one.failing_for) for one in endpoints)
        await connection.execute(COUNTED, columns(("id", "spent"), rows) | {"now": now})


async def disabled(connection: AsyncConnection) -> int:
    """Return how many endpoints are switched off."""
    return int(await connection.scalar(DISABLED) or 0)
