"""SQL of what must be acknowledged: watches are begun, claimed when they are due, and moved on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import derived_uid
from sealwatch.routing.escalation import DEADLINES, Chain, Deed, Kind, Patience, Rung, Step, asks
from sealwatch.routing.notice import RANK, SERIOUS
from sealwatch.routing.route import notice_id_of
from sealwatch.shell.db import Statement
from sealwatch_alerts.decisions.store import Decided, Write
from sealwatch_alerts.store import columns

DEEPEST = 16  # offices from the lowest to the top, as the api lets the tree grow

BEGIN = Statement(
    """
    insert into alerting.watches (notice_id, organisation_id, office, product_id, sequence, level, told_at, last_at,
                                  next_at)
    select id, organisation, office, product, sequence, c.level, told, told,
           told + coalesce(make_interval(secs => r.remind_seconds), usual)
    from unnest(cast(:id as bytea[]), cast(:organisation as text[]), cast(:office as text[]),
                cast(:product as text[]), cast(:sequence as int[]), cast(:level as int[]),
                cast(:told as timestamptz[]), cast(:usual as interval[]))
      as c (id, organisation, office, product, sequence, level, told, usual)
    left join registry.escalation_rules r on r.organisation_id = c.organisation and r.level = c.level
    on conflict do nothing
    """
)
BEGIN_COLUMNS = ("id", "organisation", "office", "product", "sequence", "level", "told", "usual")
# A word about a later notice of the product covers the earlier ones: whoever saw the newest has seen enough.
CLAIM = text(
    """
    with mine as materialized (
        select * from alerting.watches where next_at <= :now order by next_at limit :most
        for update skip locked
    )
    select m.notice_id, m.organisation_id, m.office, m.product_id, m.sequence, m.level, m.last_at,
           (select min(alerting.seen_at(m.organisation_id, n.notice_id, m.office)) from alerting.notices n
            where n.product_id = m.product_id and n.sequence >= m.sequence) as seen_at,
           (select n.after from alerting.notices n where n.product_id = m.product_id
            order by n.sequence desc limit 1) as level_now,
           array(select e.to_office from alerting.escalations e
                 where e.notice_id = m.notice_id and e.organisation_id = m.organisation_id and e.office = m.office
                 order by e.step) as made
    from mine m
    """
)
LADDERS = text(
    """
    with recursive up as (
        select d.organisation_id, d.department_id as foot, d.parent_id, 1 as height
        from registry.departments d
        join (select distinct * from unnest(cast(:organisations as text[]), cast(:offices as text[])) as x (o, d)) w
          on d.organisation_id = w.o and d.department_id = w.d
        union all
        select d.organisation_id, up.foot, d.parent_id, up.height + 1
        from up join registry.departments d
          on d.organisation_id = up.organisation_id and d.department_id = up.parent_id
        where up.height < :deepest and d.deleted_at is null
    )
    select organisation_id, foot, parent_id from up where parent_id is not null order by height
    """
)
WAYS = text(
    """
    select s.organisation_id, coalesce(s.department_id, s.department) as office, s.subscription_id
    from registry.active_subscriptions s
    left join alerting.endpoints e on e.subscription_id = s.subscription_id
    left join alerting.mailboxes m on m.organisation_id = s.organisation_id and m.address = s.target
    where s.organisation_id = any(:organisations) and case s.channel
        when 'webhook' then e.disabled_at is null
        else m.confirmed_at is not null and m.suspended_at is null end
    order by s.created_at, s.subscription_id
    """
)
RULES = text(
    "select organisation_id, level, remind_seconds, climb_seconds from registry.escalation_rules "
    "where organisation_id = any(:organisations)"
)
STEP = text(
    "insert into alerting.escalations (notice_id, organisation_id, office, step, kind, to_office, made_at) "
    "values (:notice, :organisation, :office, :step, :kind, :to_office, :now)"
)
DELIVERY = text(
    "insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, product_id, sequence, "
    "grouped, urgent, cause, step, behalf, next_attempt_at, state, created_at) values (:id, :notice, :subscription, "
    ":organisation, :product, :sequence, false, :urgent, :kind, :step, :office, :now, 'pending', :now)"
)
MOVE = text(
    "update alerting.watches set last_at = case when :moved then cast(:now as timestamptz) else last_at end, "
    "next_at = cast(:next as timestamptz), ended = cast(:end as text), "
    "ended_at = case when cast(:end as text) is null then null else cast(:now as timestamptz) end "
    "where notice_id = :notice and organisation_id = :organisation and office = :office"
)
Way = tuple[str, str]
Ways = Mapping[Way, Sequence[bytes]]
Rules = Mapping[int, Patience]


@dataclass(frozen=True, slots=True)
class Watch:
    """A chain that was claimed, the notice and the office that it is of, and how long offices have there."""

    notice_id: bytes
    organisation_id: str
    office: str
    product_id: str
    sequence: int
    chain: Chain
    rules: Rules

    @property
    def key(self) -> dict[str, Any]:
        """Return what names its row."""
        return {"notice": self.notice_id, "organisation": self.organisation_id, "office": self.office}


def begun(decided: Iterable[Decided]) -> list[Write]:
    """Return what begins to watch what was told by itself and must be acknowledged, once for each office."""
    rows = [row for one in decided if (row := _row(one)) is not None]
    return [(BEGIN, columns(BEGIN_COLUMNS, rows))] if rows else []


def _row(one: Decided) -> tuple[Any, ...] | None:
    change, message, reader = one.change, one.verdict.message, one.verdict.subscription
    if message is None or message.grouped or not asks(change):
        return None
    level, told_at = RANK[change.after], message.due_at
    who = reader.organisation_id, reader.office
    what = change.product_id, change.sequence, level
    return notice_id_of(change), *who, *what, told_at, DEADLINES[level].remind_after


async def claim(connection: AsyncConnection, now: datetime, most: int) -> tuple[list[Watch], Ways]:
    """Return chains that are due, held until this transaction ends, and the ways to tell their offices."""
    rows = (await connection.execute(CLAIM, {"now": now, "most": most})).all()
    if not rows:
        return [], {}
    above = await _above(connection, [(row.organisation_id, row.office) for row in rows])
    organisations = sorted({row.organisation_id for row in rows})
    ways = await _ways(connection, organisations)
    rules = await _rules(connection, organisations)
    return [
        _watch(row, above.get((row.organisation_id, row.office), []), ways, rules[row.organisation_id])
        for row in rows
    ], ways


def _watch(row: Row[Any], above: Sequence[str], ways: Ways, rules: Rules) -> Watch:
    ladder = [Rung(one, (row.organisation_id, one) in ways) for one in (row.office, *above)]
    chain = Chain(row.level, row.last_at, ladder, tuple(row.made), row.seen_at, row.level_now)
    return Watch(row.notice_id, row.organisation_id, row.office, row.product_id, row.sequence, chain, rules)


async def _above(connection: AsyncConnection, offices: Iterable[Way]) -> dict[Way, list[str]]:
    """Return the offices above each, the nearest first."""
    organisations, names = zip(*sorted(set(offices)), strict=True)
    values = {"organisations": list(organisations), "offices": list(names), "deepest": DEEPEST}
    found: dict[Way, list[str]] = {}
    for row in await connection.execute(LADDERS, values):
        found.setdefault((row.organisation_id, row.foot), []).append(row.parent_id)
    return found


async def _rules(connection: AsyncConnection, organisations: Sequence[str]) -> dict[str, Rules]:
    """Return how long the offices of each have, by level: what it has set, else the usual spans."""
    found: dict[str, dict[int, Patience]] = {one: dict(DEADLINES) for one in organisations}
    for row in await connection.execute(RULES, {"organisations": list(organisations)}):
        spans = timedelta(seconds=row.remind_seconds), timedelta(seconds=row.climb_seconds)
        found[row.organisation_id][row.level] = Patience(*spans)
    return {**found}


async def _ways(connection: AsyncConnection, organisations: Sequence[str]) -> Ways:
    """Return the subscriptions by which each office can be told now."""
    found: dict[Way, list[bytes]] = {}
    for row in await connection.execute(WAYS, {"organisations": list(organisations)}):
        found.setdefault((row.organisation_id, row.office), []).append(row.subscription_id)
    return found


async def move(
    connection: AsyncConnection, moved: Sequence[tuple[Watch, Deed]], ways: Ways, now: datetime
) -> int:
    """Write steps with the deliveries they make, and when each chain is due again; return how many were made."""
    steps = [(watch, number, step) for watch, deed in moved for number, step in _numbered(watch, deed)]
    if steps:
        await connection.execute(STEP, [{**_said(*one), "now": now} for one in steps])
    made = [row for one in steps for row in _deliveries(*one, ways)]
    if made:
        await connection.execute(DELIVERY, [{**row, "now": now} for row in made])
    await connection.execute(MOVE, [{**_position(watch, deed), "now": now} for watch, deed in moved])
    return len(made)


def _numbered(watch: Watch, deed: Deed) -> Iterable[tuple[int, Step]]:
    return enumerate(deed.steps, len(watch.chain.made) + 1)


def _said(watch: Watch, number: int, step: Step) -> dict[str, Any]:
    return {**watch.key, "step": number, "kind": step.kind.value, "to_office": step.office}


def _deliveries(watch: Watch, number: int, step: Step, ways: Ways) -> list[dict[str, Any]]:
    if step.kind is Kind.UNREACHABLE:
        return []
    what = {"product": watch.product_id, "sequence": watch.sequence, "urgent": watch.chain.level == SERIOUS}
    same = {**watch.key, **what, "step": number, "kind": step.kind.value}
    return [
        {**same, "subscription": one, "id": delivery_id(watch, number, one)}
        for one in ways[watch.organisation_id, step.office]
    ]


def delivery_id(watch: Watch, number: int, subscription_id: bytes) -> bytes:
    """Return the id of what a step sends to a subscription, the same however often it is made."""
    names = watch.notice_id.hex(), subscription_id.hex(), watch.office, str(number)
    return derived_uid("delivery", *names)


def _position(watch: Watch, deed: Deed) -> dict[str, Any]:
    end = deed.end.value if deed.end else None
    return {**watch.key, "next": deed.next_at, "end": end, "moved": bool(deed.steps)}
