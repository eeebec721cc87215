"""All SQL of the warnings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.errors import Fenced
from sealwatch_alerts.attempt import Conclusion
from sealwatch_alerts.audience import Subscription
from sealwatch_alerts.notice import RANK, Decision


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that was claimed for an attempt."""

    delivery_id: bytes
    subscription_id: bytes
    url: str
    secret_sealed: bytes
    failures: int
    reason: str
    change: LevelChanged


async def positions(connection: AsyncConnection, topic: str, starts: Mapping[int, int]) -> dict[int, int]:
    """Return the next offsets; a partition never seen begins at the start of its log."""
    await connection.execute(
        text(
            "insert into alerting.positions (topic, partition, next_offset) "
            "values (:topic, :partition, :start) on conflict do nothing"
        ),
        [{"topic": topic, "partition": p, "start": start} for p, start in sorted(starts.items())],
    )
    found = await connection.execute(
        text(
            "select partition, next_offset from alerting.positions where topic = :topic and partition = any(:all)"
        ),
        {"topic": topic, "all": list(starts)},
    )
    return {row.partition: row.next_offset for row in found}


async def advance(
    connection: AsyncConnection, topic: str, before: Mapping[int, int], after: Mapping[int, int]
) -> None:
    """Move positions on by compare-and-swap in partition order, or raise Fenced."""
    for partition, following in sorted(after.items()):
        moved = await connection.execute(
            text(
                "update alerting.positions set next_offset = :next "
                "where topic = :topic and partition = :partition and next_offset = :expected"
            ),
            {"topic": topic, "partition": partition, "next": following, "expected": before[partition]},
        )
        if moved.rowcount != 1:
            raise Fenced("a position of the warnings moved without us")


async def subscriptions(connection: AsyncConnection) -> list[Subscription]:
    """Return who wants to hear of level changes."""
    found = await connection.execute(text("select * from registry.active_subscriptions order by created_at"))
    return [
        Subscription(
            row.subscription_id,
            row.organisation_id,
            row.url,
            row.secret_sealed,
            row.minimum_level,
            frozenset(row.categories or ()),
            frozenset(row.regions or ()),
            frozenset(row.enterprises or ()),
            row.language,
        )
        for row in found
    ]


async def last_sequence(connection: AsyncConnection, product_id: str) -> int | None:
    """Return the newest change of a product that was heard of."""
    found = await connection.scalar(
        text("select max(sequence) from alerting.notices where product_id = :id"), {"id": product_id}
    )
    return int(found) if found is not None else None


async def record_notice(
    connection: AsyncConnection, change: LevelChanged, decision: Decision, now: datetime
) -> bytes | None:
    """Write a notice and return its id, or None where it is known already."""
    notice_id = derived_uid("notice", change.uid)
    found = await connection.execute(
        text(
            "insert into alerting.notices (notice_id, product_id, sequence, before, after, decision, reason, change, "
            "heard_at) values (:id, :product, :sequence, :before, :after, :decision, :reason, "
            "cast(:change as jsonb), :now) on conflict do nothing"
        ),
        {
            "id": notice_id,
            "product": change.product_id,
            "sequence": change.sequence,
            "before": RANK[change.before],
            "after": RANK[change.after],
            "decision": "tell" if decision.tell else "quiet",
            "reason": decision.reason.value,
            "change": change.model_dump_json(),
            "now": now,
        },
    )
    return notice_id if found.rowcount == 1 else None


async def record_deliveries(
    connection: AsyncConnection,
    notice_id: bytes,
    change: LevelChanged,
    audience: Iterable[Subscription],
    now: datetime,
) -> int:
    """Write one delivery for each subscription, due now, and wake the sender; return how many."""
    rows: list[dict[str, Any]] = [
        {
            "id": derived_uid("delivery", notice_id.hex(), one.subscription_id.hex()),
            "notice": notice_id,
            "subscription": one.subscription_id,
            "organisation": one.organisation_id,
            "product": change.product_id,
            "sequence": change.sequence,
            "now": now,
        }
        for one in audience
    ]
    if rows:
        await connection.execute(
            text(
                "insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, "
                "product_id, sequence, state, next_attempt_at, created_at) values (:id, :notice, :subscription, "
                ":organisation, :product, :sequence, 'pending', :now, :now) on conflict do nothing"
            ),
            rows,
        )
    return len(rows)


CLAIM = text(
    """
    with due as (
        select d.delivery_id,
               row_number() over (partition by d.subscription_id order by d.next_attempt_at, d.sequence) as place
        from alerting.deliveries d
        left join alerting.endpoints e on e.subscription_id = d.subscription_id
        where d.state = 'pending' and d.next_attempt_at <= :now and e.disabled_at is null
          and (d.leased_until is null or d.leased_until < :now) and d.subscription_id <> all(:busy)
          and not exists (
              select from alerting.deliveries older
              where older.subscription_id = d.subscription_id and older.product_id = d.product_id
                and older.state = 'pending' and older.sequence < d.sequence and older.failures = 0)
    ), mine as (
        select delivery_id from alerting.deliveries
        where delivery_id in (select delivery_id from due where place <= :each order by place limit :most)
          and (leased_until is null or leased_until < :now)
        for update skip locked
    )
    update alerting.deliveries d set leased_until = :until
    from mine, alerting.notices n, registry.active_subscriptions s
    where d.delivery_id = mine.delivery_id and n.notice_id = d.notice_id and s.subscription_id = d.subscription_id
    returning d.delivery_id, d.subscription_id, s.url, s.secret_sealed, d.failures, n.reason, n.change
    """
)


async def claim(  # noqa: PLR0913  # two bounds by name
    connection: AsyncConnection,
    now: datetime,
    lease: timedelta,
    busy: Sequence[bytes],
    *,
    each: int,
    most: int,
) -> list[Due]:
    """Lease due deliveries, at most ``each`` an endpoint and none of the busy ones.

    A later change of a product waits for an earlier one that was not tried yet.
    """
    found = await connection.execute(
        CLAIM, {"now": now, "until": now + lease, "busy": list(busy), "each": each, "most": most}
    )
    return [
        Due(
            row.delivery_id,
            row.subscription_id,
            row.url,
            row.secret_sealed,
            row.failures,
            row.reason,
            LevelChanged.model_validate(row.change),
        )
        for row in found
    ]


async def conclude(
    connection: AsyncConnection, due: Due, done: Conclusion, started: datetime, ended: datetime
) -> None:
    """Write the attempt and what follows; what is delivered supersedes older changes still waiting."""
    await connection.execute(
        text(
            "insert into alerting.attempts (delivery_id, number, started_at, took_ms, status, outcome, detail) "
            "values (:id, :number, :started, :took, :status, :outcome, :detail) on conflict do nothing"
        ),
        {
            "id": due.delivery_id,
            "number": due.failures + 1,
            "started": started,
            "took": max(0, int((ended - started).total_seconds() * 1000)),
            "status": done.status,
            "outcome": done.outcome,
            "detail": done.detail[:1000],
        },
    )
    await connection.execute(
        text(
            "update alerting.deliveries set state = :state, failures = failures + :failed, leased_until = null, "
            "next_attempt_at = :next, concluded_at = :concluded, reason = :detail where delivery_id = :id "
            "and state = 'pending'"
        ),
        {
            "id": due.delivery_id,
            "state": done.state,
            "failed": int(done.outcome != "delivered"),
            "next": done.next_at,
            "concluded": ended if done.state != "pending" else None,
            "detail": done.detail[:1000],
        },
    )
    if done.state == "delivered":
        await _end(connection, due, ended, "superseded", "and product_id = :product and sequence < :sequence")
    if done.disable:
        await connection.execute(
            text(
                "insert into alerting.endpoints (subscription_id, disabled_at, reason) values (:id, :now, :reason) "
                "on conflict (subscription_id) do update set disabled_at = :now, reason = :reason"
            ),
            {"id": due.subscription_id, "now": ended, "reason": done.detail},
        )
        await _end(connection, due, ended, "endpoint_disabled", "")


async def _end(connection: AsyncConnection, due: Due, now: datetime, reason: str, which: str) -> None:
    extra = {"product": due.change.product_id, "sequence": due.change.sequence} if which else {}
    await connection.execute(
        text(
            "update alerting.deliveries set state = 'cancelled', next_attempt_at = null, leased_until = null, "  # noqa: S608
            f"concluded_at = :now, reason = :reason where subscription_id = :id and state = 'pending' {which}"
        ),
        {
            "id": due.subscription_id,
            "now": now,
            "reason": reason,
            **extra,
        },
    )


async def pending(connection: AsyncConnection) -> int:
    """Return how many deliveries are not concluded."""
    found = await connection.scalar(text("select count(*) from alerting.deliveries where state = 'pending'"))
    return int(found or 0)
