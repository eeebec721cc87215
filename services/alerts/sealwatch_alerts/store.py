"""All SQL of the warnings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.letters import letter_of
from sealwatch.contracts.risk import LevelChanged
from sealwatch.errors import Fenced
from sealwatch.shell import outbox
from sealwatch.shell.db import driver_of
from sealwatch.shell.letters import Letter, keep
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
    language: str
    failures: int
    reason: str
    change: LevelChanged


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt that was made, and what follows from it."""

    due: Due
    conclusion: Conclusion
    started: datetime
    at: datetime


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


async def keep_letters(connection: AsyncConnection, letters: Sequence[Letter]) -> None:
    """Keep what is no level change as rows and in the outbox of scoring, after another statement of ours.

    It is the first statement that opens the transaction; the driver's own joins it.
    """
    if letters:
        await keep(await driver_of(connection), letters)
    for record, error_class, reason in letters:
        await outbox.add(connection, "scoring", record.partition, [letter_of(record, error_class, reason)])


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
    with endpoints as (
        select s.subscription_id, s.url, s.secret_sealed, s.language, coalesce(b.room, :each) as room
        from registry.active_subscriptions s
        left join alerting.endpoints e on e.subscription_id = s.subscription_id
        left join unnest(cast(:busy as bytea[]), cast(:rooms as int[])) as b (subscription_id, room)
               on b.subscription_id = s.subscription_id
        where e.disabled_at is null and coalesce(b.room, :each) > 0
        order by random()
    ), mine as materialized (
        select one.delivery_id, p.url, p.secret_sealed, p.language
        from endpoints p cross join lateral (
            select d.delivery_id from alerting.deliveries d
            where d.subscription_id = p.subscription_id and d.state = 'pending' and d.next_attempt_at <= :now
              and (d.leased_until is null or d.leased_until <= :now)
              and not exists (
                  select from alerting.deliveries o
                  where o.subscription_id = d.subscription_id and o.product_id = d.product_id
                    and o.state = 'pending' and o.delivery_id <> d.delivery_id
                    and (o.leased_until > :now or (o.sequence < d.sequence
                         and (o.failures < :patience or o.next_attempt_at <= :now))))
            order by d.next_attempt_at limit p.room
            for update of d skip locked
        ) one
        limit :most
    )
    update alerting.deliveries d set leased_until = :until
    from mine, alerting.notices n
    where d.delivery_id = mine.delivery_id and n.notice_id = d.notice_id
    returning d.delivery_id, d.subscription_id, mine.url, mine.secret_sealed, mine.language, d.failures,
              n.reason, n.change
    """
)
PATIENCE = 3  # failures of an earlier change after which a later one of the product may overtake; ours


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries may be claimed: in all, for an endpoint, and for those that differ."""

    most: int
    each: int
    others: Mapping[bytes, int]


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta, room: Room) -> list[Due]:
    """Lease due deliveries, drawn fairly over endpoints, in order of sequence for each product.

    A later change waits while an earlier one is on its way, is due, or has failed less than three
    times; afterwards it may overtake, so that one lost change does not silence a product for days.
    """
    bounds = {"most": room.most, "each": room.each, "patience": PATIENCE}
    others = {"busy": list(room.others), "rooms": list(room.others.values())}
    found = await connection.execute(CLAIM, {"now": now, "until": now + lease, **bounds, **others})
    return [
        Due(
            row.delivery_id,
            row.subscription_id,
            row.url,
            row.secret_sealed,
            row.language,
            row.failures,
            row.reason,
            LevelChanged.model_validate(row.change),
        )
        for row in found
    ]


async def conclude(connection: AsyncConnection, ended: Sequence[Done]) -> None:
    """Write attempts and what follows; what was delivered supersedes older changes still waiting.

    One to Serious is only superseded by another to Serious: else it is told late, with its sequence.
    """
    await connection.execute(ATTEMPT, _columns(ATTEMPT_COLUMNS, map(_attempt_row, ended)))
    await connection.execute(CONCLUSION, _columns(CONCLUSION_COLUMNS, map(_conclusion_row, ended)))
    if delivered := [one for one in ended if one.conclusion.state == "delivered"]:
        places = _columns(PLACE_COLUMNS, map(_place, delivered))
        await connection.execute(SUPERSEDE, places | {"now": delivered[-1].at, "gravest": RANK["serious"]})
    if gone := [one for one in ended if one.conclusion.disable]:
        rows = [
            {"id": one.due.subscription_id, "now": one.at, "reason": one.conclusion.detail} for one in gone
        ]
        await connection.execute(DISABLE, rows)
        await tidy(connection, gone[0].at)


# Many rows a statement: a statement a row cost more than the webhook itself.
ATTEMPT_COLUMNS = ("id", "number", "started", "took", "status", "outcome", "detail")
ATTEMPT = text(
    "insert into alerting.attempts (delivery_id, number, started_at, took_ms, status, outcome, detail) "
    "select * from unnest(cast(:id as bytea[]), cast(:number as int[]), cast(:started as timestamptz[]), "
    "cast(:took as int[]), cast(:status as int[]), cast(:outcome as text[]), cast(:detail as text[])) "
    "on conflict do nothing"
)
CONCLUSION_COLUMNS = ("id", "state", "failed", "failures", "next", "concluded", "detail")
CONCLUSION = text(
    "update alerting.deliveries d set state = c.state, failures = d.failures + c.failed, leased_until = null, "
    "next_attempt_at = c.next, concluded_at = c.concluded, reason = c.detail "
    "from unnest(cast(:id as bytea[]), cast(:state as text[]), cast(:failed as int[]), cast(:failures as int[]), "
    "cast(:next as timestamptz[]), cast(:concluded as timestamptz[]), cast(:detail as text[])) "
    "as c (id, state, failed, failures, next, concluded, detail) "
    "where d.delivery_id = c.id and d.state = 'pending' and d.failures = c.failures"
)
PLACE_COLUMNS = ("id", "product", "sequence", "after")
SUPERSEDE = text(
    "update alerting.deliveries d set state = 'cancelled', next_attempt_at = null, leased_until = null, "
    "concluded_at = :now, reason = 'superseded' "
    "from unnest(cast(:id as bytea[]), cast(:product as text[]), cast(:sequence as int[]), cast(:after as int[])) "
    "as c (id, product, sequence, after), alerting.notices n "
    "where d.subscription_id = c.id and d.product_id = c.product and n.notice_id = d.notice_id "
    "and d.state = 'pending' and d.sequence < c.sequence and (n.after < :gravest or c.after = :gravest)"
)
DISABLE = text(
    "insert into alerting.endpoints (subscription_id, disabled_at, reason) values (:id, :now, :reason) "
    "on conflict (subscription_id) do update set disabled_at = :now, reason = :reason"
)
TIDY = text(
    "update alerting.deliveries d set state = 'cancelled', next_attempt_at = null, leased_until = null, "
    "concluded_at = :now, reason = case when s.subscription_id is null then 'unsubscribed' "
    "else 'endpoint_disabled' end "
    "from (select distinct subscription_id from alerting.deliveries where state = 'pending') p "
    "left join registry.active_subscriptions s on s.subscription_id = p.subscription_id "
    "left join alerting.endpoints e on e.subscription_id = p.subscription_id "
    "where d.subscription_id = p.subscription_id and d.state = 'pending' "
    "and (s.subscription_id is null or e.disabled_at is not null)"
)


def _columns(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Return rows as one array a column."""
    return {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}


def _attempt_row(one: Done) -> tuple[Any, ...]:
    took = max(0, int((one.at - one.started).total_seconds() * 1000))
    done = one.conclusion
    number = one.due.failures + 1
    return one.due.delivery_id, number, one.started, took, done.status, done.outcome, done.detail


def _conclusion_row(one: Done) -> tuple[Any, ...]:
    done, due = one.conclusion, one.due
    failed = int(done.outcome != "delivered")
    concluded = None if done.state == "pending" else one.at
    return due.delivery_id, done.state, failed, due.failures, done.next_at, concluded, done.detail


def _place(one: Done) -> tuple[Any, ...]:
    change = one.due.change
    return one.due.subscription_id, change.product_id, change.sequence, RANK[change.after]


async def published(connection: AsyncConnection, versions: Iterable[str]) -> dict[str, bytes]:
    """Return the documents of these policy versions, as far as they are published."""
    found = await connection.execute(
        text(
            "select version, document::text as document from registry.published_policies where version = any(:all)"
        ),
        {"all": sorted(versions)},
    )
    return {row.version: row.document.encode() for row in found}


async def tidy(connection: AsyncConnection, now: datetime) -> None:
    """Cancel what waits for endpoints that are disabled or no longer subscribed."""
    await connection.execute(TIDY, {"now": now})


async def pending(connection: AsyncConnection) -> int:
    """Return how many deliveries are not concluded."""
    found = await connection.scalar(text("select count(*) from alerting.deliveries where state = 'pending'"))
    return int(found or 0)
