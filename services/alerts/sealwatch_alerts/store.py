"""All SQL of the warnings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row as ToolkitRow
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Level
from sealwatch.shell.acknowledging import Word, acknowledge
from sealwatch.shell.db import UNAWAITED, Row, Statement, together
from sealwatch_alerts.attempt import Conclusion, Seen
from sealwatch_alerts.gathered import Member
from sealwatch_alerts.message import Nudge

Claimed = Row | ToolkitRow[Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What a delivery tells of: one change and why it is told, once more or not, or those that were gathered."""

    change: LevelChanged | None = None
    why: str = ""
    nudge: Nudge | None = None
    members: tuple[Member, ...] = ()
    trial: bool = False

    @property
    def places(self) -> Mapping[str, int]:
        """Return the newest sequence of each product that is told of."""
        if self.change is not None:
            return {self.change.product_id: self.change.sequence}
        return {one.product_id: one.sequence for one in sorted(self.members, key=lambda one: one.sequence)}


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that was claimed for an attempt; ``url`` is where it goes, for e-mail the address.

    For a webhook it also has the secrets that sign on beside the new one, and how many attempts were
    made before it was replayed; for e-mail to which department, and what the products are called.
    """

    delivery_id: bytes
    subscription_id: bytes
    url: str
    secret_sealed: bytes
    language: str
    failures: int
    reason: str
    told: Told
    made_at: datetime | None = None
    department: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    retiring_sealed: tuple[bytes, ...] = ()
    attempts_before: int = 0
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt that was made, and what follows from it."""

    due: Due
    conclusion: Conclusion
    started: datetime
    at: datetime


CLAIM = Statement(
    f"""
    with unawaited as materialized (
        select {UNAWAITED}
    ), endpoints as (
        select s.subscription_id, s.url, s.secret_sealed, s.language, coalesce(b.room, :each) as room,
               coalesce(b.urgent, :spare) as urgent, coalesce(r.sealed, '{{}}') as retiring
        from unawaited cross join registry.active_subscriptions s
        left join (select subscription_id, array_agg(secret_sealed order by secret_id desc) as sealed
                   from registry.signing_beside where signs_until > :now group by subscription_id) r
               on r.subscription_id = s.subscription_id
        left join alerting.endpoints e on e.subscription_id = s.subscription_id
        left join unnest(cast(:busy as bytea[]), cast(:rooms as int[]), cast(:urgent as int[]))
               as b (subscription_id, room, urgent) on b.subscription_id = s.subscription_id
        where s.channel = 'webhook' and e.disabled_at is null and greatest(coalesce(b.room, :each), coalesce(b.urgent, :spare)) > 0
        order by exists (
            select from alerting.deliveries d where d.subscription_id = s.subscription_id and d.state = 'pending'
            and d.urgent and d.next_attempt_at <= :now and (d.leased_until is null or d.leased_until <= :now)
        ) desc, random()
    ), mine as materialized (
        select one.delivery_id, one.notice_id, p.url, p.secret_sealed, p.language, p.retiring
        from endpoints p cross join lateral (
            select d.delivery_id, d.notice_id from alerting.deliveries d
            where d.subscription_id = p.subscription_id and d.state = 'pending' and d.next_attempt_at <= :now
              and (d.leased_until is null or d.leased_until <= :now)
              and d.urgent >= (p.room <= 0)  -- so that the index is left behind the urgent ones
              and (d.urgent or not exists (
                  select from alerting.deliveries o
                  where o.subscription_id = d.subscription_id and o.product_id = d.product_id
                    and o.state = 'pending' and o.delivery_id <> d.delivery_id
                    and (o.leased_until > :now or (o.sequence < d.sequence
                         and (o.failures < :patience or o.next_attempt_at <= :now)))))
            order by d.urgent desc, d.next_attempt_at limit case when p.room > 0 then p.room else greatest(p.urgent, 0) end
            for update of d skip locked
        ) one
        limit :most
    )
    update alerting.deliveries d set leased_until = :until
    from mine left join alerting.notices n on n.notice_id = mine.notice_id
    where d.delivery_id = mine.delivery_id
    returning d.delivery_id, d.subscription_id, mine.url, mine.secret_sealed, mine.language, d.failures,
              d.cause, d.step, d.behalf,
              case when d.step > 0 then (select x.after from alerting.notices x where x.product_id = d.product_id
                                         order by x.sequence desc limit 1) end as level_now,
              n.reason, n.change, mine.retiring, d.attempts_before, d.urgent
    """  # noqa: S608  # one fixed text
)
TRIAL = "trial"  # the cause of a delivery that tells of nothing, to see whether it arrives
PATIENCE = 3  # failures of an earlier change after which a later one of the product may overtake; ours


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries may be claimed: in all, for an endpoint, and for those that differ.

    ``urgent`` are those of the top level that may be claimed where there is room for no others,
    ``spare`` for an endpoint that does not differ.
    """

    most: int
    each: int
    others: Mapping[bytes, int]
    urgent: Mapping[bytes, int] = field(default_factory=dict)
    spare: int = 0

    @property
    def columns(self) -> dict[str, Any]:
        """Return the endpoints that differ, with their rooms, as arrays."""
        urgent = [self.urgent.get(one, 0) for one in self.others]
        rooms = {"busy": list(self.others), "rooms": list(self.others.values()), "urgent": urgent}
        return {"most": self.most, "each": self.each, "spare": self.spare, **rooms}


async def claim(connection: AsyncConnection, now: datetime, lease: timedelta, room: Room) -> list[Due]:
    """Lease due deliveries, drawn fairly over endpoints, in order of sequence for each product.

    A later change waits while an earlier one is on its way, is due, or has failed less than three
    times; afterwards it may overtake, so that one lost change does not silence a product for days.
    Those at the top level go first and wait for no other.
    """
    values = {"now": now, "until": now + lease, "patience": PATIENCE, **room.columns}
    found = await CLAIM(connection, values)
    more = {
        row.delivery_id: {"retiring_sealed": tuple(row.retiring), "attempts_before": row.attempts_before}
        for row in found
    }
    return [replace(one, **more[one.delivery_id]) for one in await dues(connection, found)]


async def dues(connection: AsyncConnection, found: Sequence[Claimed]) -> list[Due]:
    """Return claimed rows with what they tell of."""
    gathered = await _members(connection, [row.delivery_id for row in found if row.change is None])
    return [
        Due(
            row.delivery_id,
            row.subscription_id,
            row.url,
            row.secret_sealed,
            row.language,
            row.failures,
            row.reason or "",
            _told(row, gathered),
            urgent=row.urgent,
        )
        for row in found
    ]


def _told(row: Claimed, gathered: Mapping[bytes, tuple[Member, ...]]) -> Told:
    if row.change is None:
        return Told(members=gathered.get(row.delivery_id, ()), trial=row.cause == TRIAL)
    nudge = Nudge(row.cause, row.behalf, row.step, Level(row.level_now)) if row.step else None
    return Told(LevelChanged.model_validate(row.change), row.cause or row.reason, nudge)


MEMBERS = Statement(
    """
    select d.delivery_id, d.product_id, d.sequence, d.before, d.after, d.enterprise_id, d.reason,
           d.sequence < (select max(n.sequence) from alerting.notices n where n.product_id = d.product_id) as overtaken
    from alerting.decisions d where d.delivery_id = any(:ids) order by d.product_id, d.sequence
    """
)


async def _members(
    connection: AsyncConnection, deliveries: Sequence[bytes]
) -> dict[bytes, tuple[Member, ...]]:
    """Return what each of these messages gathered; read after they were claimed, so nothing is added any more."""
    made: dict[bytes, list[Member]] = {}
    if deliveries:
        for row in await MEMBERS(connection, {"ids": list(deliveries)}):
            made.setdefault(row.delivery_id, []).append(Member(*row[1:]))
    return {delivery_id: tuple(members) for delivery_id, members in made.items()}


RELEASE = text(
    "update alerting.deliveries set leased_until = null where delivery_id = any(:ids) and state = 'pending'"
)


async def release(connection: AsyncConnection, claimed: Sequence[Due]) -> None:
    """End the leases of deliveries that were claimed and not tried."""
    await connection.execute(RELEASE, {"ids": [one.delivery_id for one in claimed]})


async def conclude(connection: AsyncConnection, ended: Sequence[Done]) -> list[Word]:
    """Write attempts and what follows; what was delivered supersedes older changes still waiting.

    One to the top level never is superseded: it is told late, with its sequence. Return what answers
    acknowledged, to be counted once it is committed.
    """
    words: list[Word] = []
    attempts = ATTEMPT, columns(ATTEMPT_COLUMNS, map(_attempt_row, ended))
    await together(
        connection, [attempts, (CONCLUSION, columns(CONCLUSION_COLUMNS, map(_conclusion_row, ended)))]
    )
    if delivered := [one for one in ended if one.conclusion.state == "delivered"]:
        places = columns(PLACE_COLUMNS, (place for one in delivered for place in _places(one)))
        await SUPERSEDE(connection, places | {"now": delivered[-1].at})
    for one in ended:
        if one.conclusion.seen is not None:
            words += await acknowledge(
                connection, _seen_row(one.due.delivery_id, one.conclusion.seen), one.at
            )
    if gone := {one.due.subscription_id: one for one in ended if one.conclusion.disable}:
        await switch_off(
            connection, [(key, one.conclusion.detail) for key, one in gone.items()], ended[-1].at
        )
    return words


# Many rows a statement: a statement a row cost more than the webhook itself.
ATTEMPT_COLUMNS = ("id", "number", "started", "took", "status", "outcome", "detail")
ATTEMPT = Statement(
    "insert into alerting.attempts (delivery_id, number, started_at, took_ms, status, outcome, detail) "
    "select * from unnest(cast(:id as bytea[]), cast(:number as int[]), cast(:started as timestamptz[]), "
    "cast(:took as int[]), cast(:status as int[]), cast(:outcome as text[]), cast(:detail as text[])) "
    "on conflict do nothing"
)
CONCLUSION_COLUMNS = ("id", "state", "failed", "failures", "next", "concluded", "detail")
CONCLUSION = Statement(
    "update alerting.deliveries d set state = c.state, failures = d.failures + c.failed, leased_until = null, "
    "next_attempt_at = c.next, concluded_at = c.concluded, reason = c.detail "
    "from unnest(cast(:id as bytea[]), cast(:state as text[]), cast(:failed as int[]), cast(:failures as int[]), "
    "cast(:next as timestamptz[]), cast(:concluded as timestamptz[]), cast(:detail as text[])) "
    "as c (id, state, failed, failures, next, concluded, detail) "
    "where d.delivery_id = c.id and d.state = 'pending' and d.failures = c.failures"
)
PLACE_COLUMNS = ("id", "product", "sequence")
SUPERSEDE = Statement(
    "update alerting.deliveries d set state = 'cancelled', next_attempt_at = null, leased_until = null, "
    "concluded_at = :now, reason = 'superseded' "
    "from unnest(cast(:id as bytea[]), cast(:product as text[]), cast(:sequence as int[])) "
    "as c (id, product, sequence) where d.subscription_id = c.id and d.product_id = c.product "
    "and d.state = 'pending' and not d.urgent and d.sequence < c.sequence"
)
DISABLE = text(
    """
    with gone as (
        insert into alerting.endpoints as e (subscription_id, disabled_at, reason)
        select id, :now, why from unnest(cast(:id as bytea[]), cast(:why as text[])) as c (id, why)
        on conflict (subscription_id) do update set disabled_at = :now, reason = excluded.reason
            where e.disabled_at is null
        returning subscription_id, reason
    )
    insert into alerting.owner_news (subscription_id, organisation_id, contact, kind, reason, created_at)
    select g.subscription_id, o.organisation_id, o.contact, 'endpoint_disabled', g.reason, :now
    from gone g join registry.endpoint_owners o on o.subscription_id = g.subscription_id
    returning subscription_id
    """
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


def columns(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, Any]:
    """Return rows as one array a column; without rows, empty ones."""
    turned = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: list(column) for name, column in zip(names, turned, strict=True)}


def _attempt_row(one: Done) -> tuple[Any, ...]:
    took = max(0, int((one.at - one.started).total_seconds() * 1000))
    done = one.conclusion
    number = one.due.attempts_before + one.due.failures + 1
    return one.due.delivery_id, number, one.started, took, done.status, done.outcome, done.detail


def _conclusion_row(one: Done) -> tuple[Any, ...]:
    done, due = one.conclusion, one.due
    failed = int(done.outcome != "delivered")
    concluded = None if done.state == "pending" else one.at
    return due.delivery_id, done.state, failed, due.failures, done.next_at, concluded, done.detail


def _seen_row(delivery_id: bytes, seen: Seen) -> dict[str, Any]:
    uid = derived_uid("acknowledgement", delivery_id.hex(), seen.who, seen.answer, "webhook")
    said = {"who": seen.who, "answer": seen.answer, "via": "webhook"}
    return {"id": uid, "delivery_id": delivery_id, **said}


def _places(one: Done) -> list[tuple[Any, ...]]:
    return [(one.due.subscription_id, *place) for place in one.due.told.places.items()]


async def switch_off(
    connection: AsyncConnection, gone: Sequence[tuple[bytes, str]], now: datetime
) -> set[bytes]:
    """Disable endpoints, each with its reason; note it for their owners, and cancel what waits for them.

    Return those that were not disabled before; what was cancelled can be replayed.
    """
    rows = columns(("id", "why"), sorted(gone))
    found = (await connection.execute(DISABLE, rows | {"now": now})).all()
    await tidy(connection, now)
    return {row.subscription_id for row in found}


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
