"""From the change to what was done about it: raised, sent, delivered, acknowledged, acted. One query each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import asked, where

_EQUAL = ("notice_id", "product_id", "office", "subscription_id")
_FILTERS = {name: f"c.{name} = :{name}" for name in _EQUAL} | {
    "since": "c.decided_at >= :since",
    "until": "c.decided_at < :until",
}
_LINKS = """
select t.notice_id, t.subscription_id, t.delivery_id, t.office, t.product_id, t.sequence, t.before, t.after,
       t.reason, t.decided_at, d.state as delivery, d.failures,
       coalesce(cast(n.change ->> 'changed_at' as timestamptz), n.heard_at) as raised_at,
       (select min(started_at) from alerting.attempts a where a.delivery_id = t.delivery_id) as sent_at,
       case d.state when 'delivered' then d.concluded_at end as delivered_at,
       alerting.seen_at(:organisation, t.notice_id, t.office) as acknowledged_at,
       least(alerting.seen_at(:organisation, t.notice_id, t.office, true), (
           select case when bool_and(w.done_at is not null) then max(w.done_at) end
           from alerting.actions x left join alerting.action_answers w
                on w.action_id = x.action_id and w.organisation_id = :organisation
           where x.notice_id = t.notice_id)) as acted_at,
       (select count(*) from alerting.escalations e where e.notice_id = t.notice_id
        and e.organisation_id = :organisation and e.office = t.office and e.kind <> 'unreachable') as steps
from alerting.decisions t
join alerting.deliveries d on d.delivery_id = t.delivery_id
join alerting.notices n on n.notice_id = t.notice_id
"""
_STATE = (
    "case when acted_at is not null then 'acted' when acknowledged_at is not null then 'acknowledged' "
    "when delivered_at is not null then 'delivered' when sent_at is not null then 'sent' else 'raised' end"
)
# Everything about one notice as an organisation sees it, in one statement and so of one instant.
_CHAIN = f"""
with links as (
    select l.*, {_STATE} as state from ({_LINKS}
        where t.notice_id = :id and t.organisation_id = :organisation and t.outcome = 'tell') l
), told as (
    select delivery_id from links
    union
    select delivery_id from alerting.deliveries where notice_id = :id and organisation_id = :organisation
)
select n.notice_id, n.product_id, n.sequence, n.before, n.after, n.decision, n.reason, n.heard_at,
       coalesce(cast(n.change ->> 'changed_at' as timestamptz), n.heard_at) as raised_at,
       coalesce((select jsonb_agg(to_jsonb(l) || jsonb_build_object(
               'notice_id', encode(l.notice_id, 'hex'),
               'subscription_id', encode(l.subscription_id, 'hex'),
               'delivery_id', encode(l.delivery_id, 'hex')
           ) order by l.office, l.decided_at, l.subscription_id)
           from links l), '[]') as links,
       coalesce((select jsonb_agg(to_jsonb(e) || jsonb_build_object('deliveries', array(
               select encode(d.delivery_id, 'hex') from alerting.deliveries d
               where d.notice_id = :id and d.organisation_id = :organisation and d.behalf = e.office
                 and d.step = e.step order by d.delivery_id)) order by e.office, e.step)
           from (select office, step, kind, to_office, made_at from alerting.escalations
                 where notice_id = :id and organisation_id = :organisation) e), '[]') as steps,
       coalesce((select jsonb_agg(to_jsonb(w) order by w.office)
           from (select office, next_at, ended, ended_at from alerting.watches
                 where notice_id = :id and organisation_id = :organisation) w), '[]') as watches,
       coalesce((select jsonb_agg(jsonb_build_object(
               'acknowledgement_id', encode(a.acknowledgement_id, 'hex'),
               'notice_id', encode(a.notice_id, 'hex'), 'delivery_id', encode(a.delivery_id, 'hex'),
               'who', a.who, 'via', a.via, 'answer', a.answer, 'acknowledged_at', a.acknowledged_at
           ) order by a.acknowledged_at, a.acknowledgement_id)
           from alerting.acknowledgements a where a.organisation_id = :organisation
             and (a.notice_id = :id or a.delivery_id in (select delivery_id from told))
           ), '[]') as acknowledgements,
       coalesce((select jsonb_agg(jsonb_build_object(
               'action_id', encode(x.action_id, 'hex'), 'action', x.action, 'owner', x.owner,
               'due_at', x.due_at, 'done_at', w.done_at, 'done_by', w.done_by, 'follow_up', w.follow_up
           ) order by x.position)
           from alerting.actions x left join alerting.action_answers w
                on w.action_id = x.action_id and w.organisation_id = :organisation
           where x.notice_id = :id), '[]') as actions
from alerting.notices n where n.notice_id = :id
"""  # noqa: S608  # our own names
After = tuple[datetime, bytes, bytes]


async def links(
    connection: AsyncConnection,
    organisation: str,
    filters: Mapping[str, object],
    after: After | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return what was told to an organisation's subscriptions and how far each has come, newest first."""
    own = {name: value for name, value in filters.items() if name != "state"}
    beyond = ["(c.decided_at, c.notice_id, c.subscription_id) < (:at, :notice, :one)"] if after else []
    inner = where(["c.organisation_id = :organisation", "c.outcome = 'tell'", *asked(_FILTERS, own), *beyond])
    outer = "state = :state" if "state" in filters else "true"
    values: dict[str, Any] = {**filters, "organisation": organisation, "most": most}
    values |= dict(zip(("at", "notice", "one"), after, strict=True)) if after else {}
    chosen = _LINKS.replace("alerting.decisions t", f"(select * from alerting.decisions c where {inner}) t")  # noqa: S608  # our own names
    found = await connection.execute(
        text(
            f"select * from (select l.*, {_STATE} as state from ({chosen}) l) told where {outer} "  # noqa: S608  # our own names
            "order by decided_at desc, notice_id desc, subscription_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def chain(connection: AsyncConnection, organisation: str, notice_id: bytes) -> RowMapping | None:
    """Return a notice with all that followed from it for an organisation."""
    values = {"organisation": organisation, "id": notice_id}
    return (await connection.execute(text(_CHAIN), values)).mappings().one_or_none()
