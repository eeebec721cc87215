"""Decisions about an organisation's subscriptions, and what levels ask of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import asked, where

_DECISION = """
notice_id, subscription_id, office, product_id, sequence, before, after, enterprise_id, outcome, reason,
cause, rule_id, delivery_id, decided_at
"""
_EQUAL = ("product_id", "notice_id", "subscription_id", "delivery_id", "office", "outcome", "reason")
_OF_DECISIONS = {name: f"{name} = :{name}" for name in (*_EQUAL, "enterprise_id")} | {
    "since": "decided_at >= :since",
    "until": "decided_at < :until",
}
_STATE = "case when done_at is not null then 'done' when due_at < :now then 'overdue' else 'open' end"
# An action with what one's own organisation did, and what those did whose answers may be seen.
_ACTION = f"""
select x.action_id, notice_id, product_id, sequence, level, position, action, owner, deadline, due_at,
       policy_version, reached_at, w.done_at, w.done_by, w.follow_up, {_STATE} as state, coalesce((
           select jsonb_agg(to_jsonb(o) - 'action_id' order by o.done_at, o.organisation_id)
           from alerting.action_answers o
           where o.action_id = x.action_id and (:all or o.organisation_id = :organisation)
       ), '[]') as answers
from alerting.actions x
left join alerting.action_answers w on w.action_id = x.action_id and w.organisation_id = :organisation
"""  # noqa: S608  # our own names
_OF_ACTIONS = {
    "product_id": "product_id = :product_id",
    "owner": "owner = :owner",
    "risk_level": "level = :risk_level",
    "state": f"{_STATE} = :state",
}
_DONE = """
insert into alerting.action_answers (action_id, organisation_id, done_at, done_by, follow_up)
select action_id, :organisation, :now, :by, :follow_up from alerting.actions where action_id = :id
on conflict do nothing returning action_id
"""
After = tuple[datetime, bytes]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks at actions, and when: an organisation, or the centre, which sees what all of them did."""

    organisation: str
    of_centre: bool
    now: datetime

    @property
    def values(self) -> dict[str, Any]:
        """Return what the statements ask for."""
        return {"organisation": self.organisation, "all": self.of_centre, "now": self.now}


async def decisions(
    connection: AsyncConnection,
    organisation: str,
    filters: Mapping[str, object],
    after: tuple[datetime, bytes, bytes] | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return decisions about an organisation's subscriptions, newest first."""
    beyond = ["(decided_at, notice_id, subscription_id) < (:at, :notice, :one)"] if after else []
    conditions = where(["organisation_id = :organisation", *asked(_OF_DECISIONS, filters), *beyond])
    values: dict[str, Any] = {**filters, "organisation": organisation, "most": most}
    values |= dict(zip(("at", "notice", "one"), after, strict=True)) if after else {}
    found = await connection.execute(
        text(
            f"select {_DECISION} from alerting.decisions where {conditions} "  # noqa: S608  # our own names
            "order by decided_at desc, notice_id desc, subscription_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def change_of(connection: AsyncConnection, notice_id: bytes) -> Mapping[str, Any] | None:
    """Return the level change of a notice."""
    found = await connection.scalar(
        text("select change from alerting.notices where notice_id = :id").columns(change=JSONB),
        {"id": notice_id},
    )
    return found if isinstance(found, Mapping) else None


async def last_sequence(connection: AsyncConnection, product_id: str) -> int | None:
    """Return the newest change of a product that was heard of."""
    found = await connection.scalar(
        text("select max(sequence) from alerting.notices where product_id = :id"), {"id": product_id}
    )
    return int(found) if found is not None else None


async def see_all(connection: AsyncConnection) -> None:
    """Let row-level security show what every organisation did, in this transaction."""
    await connection.execute(text("select set_config('sealwatch.actions', 'all', true)"))


async def actions(
    connection: AsyncConnection, filters: Mapping[str, object], eyes: Eyes, after: After | None, most: int
) -> Sequence[RowMapping]:
    """Return what levels asked for, newest first."""
    beyond = ["(reached_at, x.action_id) < (:at, :uid)"] if after else []
    values = {**filters, **eyes.values, "most": most} | ({"at": after[0], "uid": after[1]} if after else {})
    found = await connection.execute(
        text(
            f"{_ACTION} where {where([*asked(_OF_ACTIONS, filters), *beyond])} "
            "order by reached_at desc, x.action_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def action(connection: AsyncConnection, action_id: bytes, eyes: Eyes) -> RowMapping | None:
    """Return one action."""
    found = await connection.execute(
        text(f"{_ACTION} where x.action_id = :id"), {"id": action_id, **eyes.values}
    )
    return found.mappings().one_or_none()


async def finish(connection: AsyncConnection, values: Mapping[str, Any]) -> bool:
    """Write that an organisation did it; return False where it said so already or the action is not there."""
    return await connection.scalar(text(_DONE), dict(values)) is not None
