"""Decisions about an organisation's subscriptions, and what levels ask of people."""

from collections.abc import Mapping, Sequence
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
_ACTION = f"""
action_id, notice_id, product_id, sequence, level, position, action, owner, deadline, due_at, policy_version,
reached_at, done_at, done_by, follow_up, {_STATE} as state
"""
_OF_ACTIONS = {
    "product_id": "product_id = :product_id",
    "owner": "owner = :owner",
    "risk_level": "level = :risk_level",
    "state": f"{_STATE} = :state",
}
_DONE = f"""
update alerting.actions set done_at = :now, done_by = :by, follow_up = :follow_up
where action_id = :id and done_at is null returning {_ACTION}
"""  # noqa: S608  # our own names
After = tuple[datetime, bytes]


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


async def actions(
    connection: AsyncConnection, filters: Mapping[str, object], now: datetime, after: After | None, most: int
) -> Sequence[RowMapping]:
    """Return what levels asked for, newest first."""
    beyond = ["(reached_at, action_id) < (:at, :uid)"] if after else []
    values = {**filters, "now": now, "most": most} | ({"at": after[0], "uid": after[1]} if after else {})
    found = await connection.execute(
        text(
            f"select {_ACTION} from alerting.actions where {where([*asked(_OF_ACTIONS, filters), *beyond])} "  # noqa: S608  # our own names
            "order by reached_at desc, action_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def action(connection: AsyncConnection, action_id: bytes, now: datetime) -> RowMapping | None:
    """Return one action."""
    found = await connection.execute(
        text(f"select {_ACTION} from alerting.actions where action_id = :id"),  # noqa: S608  # our own names
        {"id": action_id, "now": now},
    )
    return found.mappings().one_or_none()


async def finish(connection: AsyncConnection, values: Mapping[str, Any]) -> RowMapping | None:
    """Mark an action done and return its row, or None where it is done already or not there."""
    return (await connection.execute(text(_DONE), dict(values))).mappings().one_or_none()
