"""All SQL of the way by e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.mailboxes import mailbox_id
from sealwatch_alerts.store import PATIENCE, Due, Room, dues

WINDOW = timedelta(
    minutes=10
)  # in which a mailbox gets so many letters, and no more below the top level; ours

# As the claim of webhooks, but only for mailboxes that said yes and take letters, and at their pace.
CLAIM = text(
    """
    with readers as (
        select s.subscription_id, s.target as url, s.language, s.department, coalesce(b.room, :each) as room,
               coalesce(b.urgent, :spare) as urgent,
               (select count(*) from unnest(m.sent_at) as sent (at) where sent.at > :since) < :pace as free
        from registry.active_subscriptions s
        join alerting.mailboxes m on m.organisation_id = s.organisation_id and m.address = s.target
        left join unnest(cast(:busy as bytea[]), cast(:rooms as int[]), cast(:urgent as int[]))
               as b (subscription_id, room, urgent) on b.subscription_id = s.subscription_id
        where s.channel = 'email' and m.confirmed_at is not null and m.suspended_at is null
          and greatest(coalesce(b.room, :each), coalesce(b.urgent, :spare)) > 0
        order by exists (
            select from alerting.deliveries d where d.subscription_id = s.subscription_id and d.state = 'pending'
            and d.urgent and d.next_attempt_at <= :now and (d.leased_until is null or d.leased_until <= :now)
        ) desc, random()
    ), mine as materialized (
        select one.delivery_id, one.notice_id, r.url, r.language, r.department
        from readers r cross join lateral (
            select d.delivery_id, d.notice_id from alerting.deliveries d
            where d.subscription_id = r.subscription_id and d.state = 'pending' and d.next_attempt_at <= :now
              and (d.leased_until is null or d.leased_until <= :now)
              and d.urgent >= (r.room <= 0 or not r.free)  -- so that the index is left behind the urgent ones
              and (d.urgent or not exists (
                  select from alerting.deliveries o
                  where o.subscription_id = d.subscription_id and o.product_id = d.product_id
                    and o.state = 'pending' and o.delivery_id <> d.delivery_id
                    and (o.leased_until > :now or (o.sequence < d.sequence
                         and (o.failures < :patience or o.next_attempt_at <= :now)))))
            order by d.urgent desc, d.next_attempt_at limit case when r.room > 0 then r.room else greatest(r.urgent, 0) end
            for update of d skip locked
        ) one
        limit :most
    )
    update alerting.deliveries d set leased_until = :until
    from mine left join alerting.notices n on n.notice_id = mine.notice_id
    where d.delivery_id = mine.delivery_id
    returning d.delivery_id, d.subscription_id, mine.url, ''::bytea as secret_sealed, mine.language, d.failures,
              d.cause, d.step, d.behalf,
              case when d.step > 0 then (select x.after from alerting.notices x where x.product_id = d.product_id
                                         order by x.sequence desc limit 1) end as level_now,
              n.reason, n.change, mine.department, d.created_at, d.urgent
    """
)
NAMES = text("select product_id, name from registry.product_names where product_id = any(:ids)")
STOPPED = text(
    """
    update alerting.deliveries d set state = 'cancelled', next_attempt_at = null, leased_until = null,
           concluded_at = :now, reason = 'digests_stopped'
    from alerting.digest_leavers l
    where d.subscription_id = l.subscription_id and d.state = 'pending' and d.grouped
      and (d.leased_until is null or d.leased_until <= :now) and d.next_attempt_at <= :now
      and not exists (select from alerting.decisions c where c.delivery_id = d.delivery_id and c.reason <> 'digest')
    """
)
FORGOTTEN = text(
    """
    update alerting.deliveries d set state = 'cancelled', next_attempt_at = null, leased_until = null,
           concluded_at = :now, reason = case when m.suspended_at is null then 'unconfirmed' else 'address_suspended' end
    from registry.active_subscriptions s, alerting.mailboxes m
    where s.channel = 'email' and m.organisation_id = s.organisation_id and m.address = s.target
      and d.subscription_id = s.subscription_id and d.state = 'pending'
      and (m.suspended_at is not null or (m.confirmed_at is null and d.created_at < :before))
    """
)
KEPT = timedelta(
    days=1
)  # for an address that has not said yes yet; older warnings would be news no longer; ours
SENT = text(
    """
    update alerting.mailboxes m set sent_at = array(
        select at from unnest(m.sent_at || c.at) as x (at) where at > :since order by at)
    from (select box, array_agg(at) as at from unnest(cast(:box as bytea[]), cast(:at as timestamptz[])) as y (box, at)
          group by box) as c
    where m.mailbox_id = c.box
    """
)
OWNERS = text("select delivery_id, organisation_id from alerting.deliveries where delivery_id = any(:ids)")
BOUNCED = text("select alerting.record_bounce(:box, :subject, 'smtp', :hard, :said, :now)")

NEW = text(
    "select distinct on (organisation_id, target) organisation_id, target, department, language "
    "from registry.active_subscriptions s where channel = 'email' and not exists (select from alerting.mailboxes m "
    "where m.organisation_id = s.organisation_id and m.address = s.target) order by organisation_id, target, created_at"
)
ADD = text(
    "insert into alerting.mailboxes (mailbox_id, question_id, organisation_id, address, department, language, created_at, "
    "next_attempt_at) values (:id, :id, :organisation, :address, :department, :language, :now, :now) on conflict do nothing"
)
ONE_BY_ONE = text(
    "select pg_advisory_xact_lock(hashtext('alerting.questions'))"
)  # counted by nobody else meanwhile
# One question to an address at a time, and only while it was not asked too often; one that failed is no new one.
TO_ASK = text(
    """
    with ready as (
        select distinct on (lower(m.address)) m.mailbox_id from alerting.mailboxes m
        where m.next_attempt_at <= :now
          and (exists (select from alerting.questions q where q.question_id = m.question_id)
               or coalesce(alerting.may_be_asked_at(m.mailbox_id), :now) <= :now)
        order by lower(m.address), m.next_attempt_at
    ), mine as (
        select mailbox_id, question_id, address from alerting.mailboxes
        where mailbox_id in (select mailbox_id from ready) and next_attempt_at <= :now
        order by next_attempt_at limit :most for update skip locked
    ), kept as (
        insert into alerting.questions (question_id, mailbox_id, address, asked_at)
        select question_id, mailbox_id, lower(address), :now from mine on conflict do nothing
    )
    update alerting.mailboxes m set next_attempt_at = :until from mine where m.mailbox_id = mine.mailbox_id
    returning m.mailbox_id, m.question_id, (
        select o.name from registry.organisation_names o where o.organisation_id = m.organisation_id
    ), m.address, department, language, failures
    """
)
ASKED = text(
    "update alerting.mailboxes set asked_at = :asked, failures = :failures, next_attempt_at = :next, "
    "asking_failed = :failed where mailbox_id = :id"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A mailbox that is to be asked whether it wants warnings."""

    mailbox_id: bytes
    question_id: bytes
    organisation: str
    address: str
    department: str
    language: str
    failures: int


@dataclass(frozen=True, slots=True)
class Bounce:
    """A letter that the mail server would not take for this mailbox."""

    box: bytes
    subject: bytes
    hard: bool
    said: str


async def claim(
    connection: AsyncConnection, now: datetime, lease: timedelta, room: Room, pace: int
) -> list[Due]:
    """Lease letters that are due, for mailboxes that take them, in order of sequence for each product.

    Those at the top level go first, wait for no other, and count for no pace.
    """
    bounds = {"patience": PATIENCE, "pace": pace, "since": now - WINDOW}
    values = {"now": now, "until": now + lease, **bounds, **room.columns}
    found = (await connection.execute(CLAIM, values)).all()
    more = {row.delivery_id: {"department": row.department, "made_at": row.created_at} for row in found}
    made = await dues(connection, found)
    names = await _names(connection, {product for one in made for product in one.told.places})
    return [replace(one, names=names, **more[one.delivery_id]) for one in made]


async def _names(connection: AsyncConnection, products: set[str]) -> dict[str, str]:
    if not products:
        return {}
    found = await connection.execute(NAMES, {"ids": sorted(products)})
    return {row.product_id: row.name for row in found}


async def boxes(connection: AsyncConnection, addresses: Sequence[tuple[bytes, str]]) -> dict[bytes, bytes]:
    """Return the mailbox of each delivery, given with its address."""
    found = await connection.execute(OWNERS, {"ids": [one for one, _ in addresses]})
    owners = {row.delivery_id: row.organisation_id for row in found}
    return {one: mailbox_id(owners[one], address) for one, address in addresses if one in owners}


async def record_sent(connection: AsyncConnection, sent: Sequence[tuple[bytes, datetime]]) -> None:
    """Remember when mailboxes got letters, for their pace."""
    if sent:
        values: dict[str, Any] = {"box": [box for box, _ in sent], "at": [at for _, at in sent]}
        await connection.execute(SENT, values | {"since": max(at for _, at in sent) - WINDOW})


async def record_bounce(connection: AsyncConnection, one: Bounce, now: datetime) -> bool:
    """Write what was refused, and return whether the mailbox is suspended for it."""
    values = {"box": one.box, "subject": one.subject, "hard": one.hard, "said": one.said, "now": now}
    return bool(await connection.scalar(BOUNCED, values))


async def stop_digests(connection: AsyncConnection, now: datetime) -> None:
    """Cancel the digests that are due for readers who stopped them."""
    await connection.execute(STOPPED, {"now": now})


async def forget(connection: AsyncConnection, now: datetime) -> None:
    """Cancel what waits for suspended addresses, and what is old for those that have not said yes."""
    await connection.execute(FORGOTTEN, {"now": now, "before": now - KEPT})


async def meet(connection: AsyncConnection, now: datetime) -> int:
    """Write a mailbox for every address of a subscription that has none; return how many."""
    rows = [
        {
            "id": mailbox_id(row.organisation_id, row.target),
            "organisation": row.organisation_id,
            "address": row.target,
            "department": row.department,
            "language": row.language,
            "now": now,
        }
        for row in await connection.execute(NEW)
    ]
    if rows:
        await connection.execute(ADD, rows)
    return len(rows)


async def to_ask(connection: AsyncConnection, now: datetime, lease: timedelta, most: int) -> list[Question]:
    """Lease mailboxes that are to be asked, and count the questions."""
    await connection.execute(ONE_BY_ONE)
    found = await connection.execute(TO_ASK, {"now": now, "until": now + lease, "most": most})
    return [Question(*row) for row in found]


async def asked(connection: AsyncConnection, question: Question, now: datetime) -> None:
    """Write that the question was taken by the mail server."""
    values = {"id": question.mailbox_id, "asked": now, "failures": question.failures}
    await connection.execute(ASKED, values | {"next": None, "failed": None})


async def not_asked(
    connection: AsyncConnection, question: Question, why: str, next_at: datetime | None
) -> None:
    """Write that the question was not taken, why, and when it is asked again, if ever."""
    values = {"id": question.mailbox_id, "asked": None, "failures": question.failures + 1}
    await connection.execute(ASKED, values | {"next": next_at, "failed": why})
