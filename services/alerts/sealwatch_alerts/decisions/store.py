"""SQL of what was heard, how far, and decided: many rows a statement, since a storm is thousands of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.risk import LevelChanged
from sealwatch.errors import Fenced
from sealwatch.routing.coping import Action
from sealwatch.routing.history import Pace
from sealwatch.routing.notice import RANK, SERIOUS, Decision
from sealwatch.routing.route import Message, Verdict, notice_id_of
from sealwatch.shell.db import Statement
from sealwatch_alerts.store import columns

LAST = Statement(
    "select product_id, max(sequence) as sequence from alerting.notices "
    "where product_id = any(:products) group by product_id"
)
NOTICE = Statement(
    """
    insert into alerting.notices (notice_id, product_id, sequence, before, after, decision, reason, change, heard_at)
    select id, product, sequence, before, after, decision, reason, cast(change as jsonb), :now
    from unnest(cast(:id as bytea[]), cast(:product as text[]), cast(:sequence as int[]), cast(:before as int[]),
                cast(:after as int[]), cast(:decision as text[]), cast(:reason as text[]), cast(:change as text[]))
      as c (id, product, sequence, before, after, decision, reason, change)
    on conflict do nothing
    returning notice_id
    """
)
NOTICE_COLUMNS = ("id", "product", "sequence", "before", "after", "decision", "reason", "change")
DECISION = Statement(
    """
    insert into alerting.decisions (notice_id, subscription_id, organisation_id, office, product_id, sequence, before,
                                    after, enterprise_id, outcome, reason, cause, rule_id, delivery_id, decided_at)
    select c.*, :now
    from unnest(cast(:notice as bytea[]), cast(:subscription as bytea[]), cast(:organisation as text[]),
                cast(:office as text[]), cast(:product as text[]), cast(:sequence as int[]), cast(:before as int[]),
                cast(:after as int[]), cast(:enterprise as text[]), cast(:outcome as text[]), cast(:reason as text[]),
                cast(:cause as text[]), cast(:rule as bytea[]), cast(:delivery as bytea[])) as c
    """
)
DECISION_COLUMNS = (
    "notice", "subscription", "organisation", "office", "product", "sequence", "before", "after", "enterprise",
    "outcome", "reason", "cause", "rule", "delivery",
)  # fmt: skip
DELIVERY = Statement(
    """
    insert into alerting.deliveries (delivery_id, notice_id, subscription_id, organisation_id, product_id, sequence,
                                     grouped, urgent, cause, next_attempt_at, state, created_at)
    select c.*, 'pending', :now
    from unnest(cast(:id as bytea[]), cast(:notice as bytea[]), cast(:subscription as bytea[]),
                cast(:organisation as text[]), cast(:product as text[]), cast(:sequence as int[]),
                cast(:grouped as bool[]), cast(:urgent as bool[]), cast(:cause as text[]),
                cast(:due as timestamptz[])) as c
    on conflict do nothing
    """
)
DELIVERY_COLUMNS = (
    "id", "notice", "subscription", "organisation", "product", "sequence", "grouped", "urgent", "cause", "due",
)  # fmt: skip
ACTION = Statement(
    """
    insert into alerting.actions (action_id, notice_id, product_id, sequence, level, policy_version, reached_at,
                                  position, action, owner, deadline, due_at)
    select c.*
    from unnest(cast(:id as bytea[]), cast(:notice as bytea[]), cast(:product as text[]), cast(:sequence as int[]),
                cast(:level as int[]), cast(:policy as text[]), cast(:reached as timestamptz[]),
                cast(:position as int[]), cast(:action as text[]), cast(:owner as text[]), cast(:deadline as text[]),
                cast(:due as timestamptz[])) as c
    on conflict do nothing
    """
)
ACTION_COLUMNS = (
    "id", "notice", "product", "sequence", "level", "policy", "reached", "position", "action", "owner", "deadline",
    "due",
)  # fmt: skip
STILL_OPEN = Statement(
    """
    select delivery_id from alerting.deliveries
    where delivery_id = any(:ids) and state = 'pending' and failures = 0 and leased_until is null
      and next_attempt_at > :now
    order by delivery_id for update
    """
)
HOLD = Statement(
    "insert into alerting.paces (subscription_id) select unnest(cast(:ids as bytea[])) on conflict do nothing"
)
PACE = text(
    "update alerting.paces set told_at = :told_at, group_id = :group_id, closes_at = :closes_at, "
    "digest_id = :digest_id, digest_at = :digest_at where subscription_id = :id"
)
Write = tuple[Statement, Mapping[str, Any]]
"""A statement that writes, and its values."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a partition stands: next offset, last record that was heard with its digest."""

    next_offset: int
    last_offset: int | None = None
    last_digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A change, and whether it is news."""

    change: LevelChanged
    decision: Decision


@dataclass(frozen=True, slots=True)
class Decided:
    """A change before one of its readers, and what that reader gets."""

    change: LevelChanged
    verdict: Verdict


async def positions(connection: AsyncConnection, topic: str, starts: Mapping[int, int]) -> dict[int, Place]:
    """Return where partitions stand; one never seen begins at the start of its log."""
    await connection.execute(
        text(
            "insert into alerting.positions (topic, partition, next_offset) "
            "values (:topic, :partition, :start) on conflict do nothing"
        ),
        [{"topic": topic, "partition": p, "start": start} for p, start in sorted(starts.items())],
    )
    found = await connection.execute(
        text(
            "select partition, next_offset, last_offset, last_digest from alerting.positions "
            "where topic = :topic and partition = any(:all)"
        ),
        {"topic": topic, "all": list(starts)},
    )
    return {row.partition: Place(*row[1:]) for row in found}


# The row count tells whether every expectation held; locked in partition order first.
ADVANCE = Statement(
    """
    with locked as materialized (
        select partition from alerting.positions
        where topic = :topic and partition = any(cast(:partition as int[])) order by partition for update
    )
    update alerting.positions p set next_offset = c.next, last_offset = c.last, last_digest = c.digest
    from unnest(cast(:partition as int[]), cast(:expected as bigint[]), cast(:next as bigint[]),
                cast(:last as bigint[]), cast(:digest as bytea[])) as c (partition, expected, next, last, digest),
         locked
    where p.topic = :topic and p.partition = c.partition and locked.partition = c.partition
      and p.next_offset = c.expected
    returning p.partition
    """
)
ADVANCE_COLUMNS = ("partition", "expected", "next", "last", "digest")


async def advance(
    connection: AsyncConnection, topic: str, before: Mapping[int, Place], after: Mapping[int, Place]
) -> None:
    """Move positions on by compare-and-swap, or raise Fenced."""
    rows = (
        (partition, before[partition].next_offset, new.next_offset, new.last_offset, new.last_digest)
        for partition, new in sorted(after.items())
    )
    moved = await ADVANCE(connection, columns(ADVANCE_COLUMNS, rows) | {"topic": topic})
    if len(moved) != len(after):
        raise Fenced("a position of the warnings moved without us")


async def last_sequences(connection: AsyncConnection, products: Iterable[str]) -> dict[str, int]:
    """Return the newest change that was heard of, for each product that was heard of."""
    found = await LAST(connection, {"products": sorted(set(products))})
    return {row.product_id: row.sequence for row in found}


async def record_notices(connection: AsyncConnection, heard: Sequence[Heard], now: datetime) -> set[bytes]:
    """Write notices and return the ids of those that were not known already."""
    found = await NOTICE(connection, columns(NOTICE_COLUMNS, map(_notice, heard)) | {"now": now})
    return {row.notice_id for row in found}


async def hold_paces(connection: AsyncConnection, readers: Iterable[bytes]) -> None:
    """Make sure that each reader has a pace to hold."""
    await HOLD(connection, {"ids": sorted(readers)})


async def still_open(connection: AsyncConnection, groups: Iterable[bytes], now: datetime) -> set[bytes]:
    """Return the gathering messages that may be added to, and hold them until this transaction ends."""
    found = await STILL_OPEN(connection, {"ids": sorted(groups), "now": now})
    return {row.delivery_id for row in found}


def decisions_of(decided: Sequence[Decided], now: datetime) -> list[Write]:
    """Return what writes decisions and the deliveries that carry them; a message that gathers is written once."""
    writes: list[Write] = [(DECISION, columns(DECISION_COLUMNS, map(_decision, decided)) | {"now": now})]
    carried = {
        message.delivery_id: _delivery(one, message)
        for one in decided
        if (message := one.verdict.message) is not None
    }
    if carried:
        writes.append((DELIVERY, columns(DELIVERY_COLUMNS, carried.values()) | {"now": now}))
    return writes


async def record_paces(connection: AsyncConnection, changed: Mapping[bytes, Pace]) -> None:
    """Write how readers are told from now on."""
    if changed:
        await connection.execute(PACE, [_pace(key, pace) for key, pace in changed.items()])


def actions_of(asked: Sequence[tuple[LevelChanged, Action]]) -> list[Write]:
    """Return what writes down what levels ask of people."""
    return [(ACTION, columns(ACTION_COLUMNS, (_action(*one) for one in asked)))] if asked else []


def _notice(one: Heard) -> tuple[Any, ...]:
    change, decision = one.change, one.decision
    levels = RANK[change.before], RANK[change.after]
    told = "tell" if decision.tell else "quiet", decision.reason.value
    return notice_id_of(change), change.product_id, change.sequence, *levels, *told, change.model_dump_json()


def _decision(one: Decided) -> tuple[Any, ...]:
    change, verdict = one.change, one.verdict
    reader, message = verdict.subscription, verdict.message
    who = reader.subscription_id, reader.organisation_id, reader.office
    levels = RANK[change.before], RANK[change.after]
    what = change.product_id, change.sequence, *levels, change.enterprise_id
    why = "tell" if message else "quiet", verdict.reason.value, verdict.cause.value, verdict.rule_id
    return notice_id_of(change), *who, *what, *why, message.delivery_id if message else None


def _delivery(one: Decided, message: Message) -> tuple[Any, ...]:
    change, reader = one.change, one.verdict.subscription
    who = reader.subscription_id, reader.organisation_id
    if message.grouped:
        return message.delivery_id, None, *who, None, None, True, False, None, message.due_at
    what = change.product_id, change.sequence
    urgent, cause = RANK[change.after] == SERIOUS, one.verdict.reason.value
    return message.delivery_id, notice_id_of(change), *who, *what, False, urgent, cause, message.due_at


def _action(change: LevelChanged, one: Action) -> tuple[Any, ...]:
    what = notice_id_of(change), change.product_id, change.sequence, RANK[change.after]
    since = change.policy_version, datetime.fromisoformat(change.changed_at)
    return one.action_id, *what, *since, one.position, one.action, one.owner, one.deadline, one.due_at


def _pace(key: bytes, pace: Pace) -> dict[str, Any]:
    group, digest = pace.group, pace.digest
    return {
        "id": key,
        "told_at": list(pace.told_at),
        "group_id": group.delivery_id if group else None,
        "closes_at": group.closes_at if group else None,
        "digest_id": digest.delivery_id if digest else None,
        "digest_at": digest.closes_at if digest else None,
    }
