"""Addresses of an organisation, and what came back from them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

_LISTED = """
select m.mailbox_id, m.address, m.department, m.asked_at, m.asking_failed, m.confirmed_at, m.suspended_at,
       m.suspended_reason, (
           select count(distinct b.subject_id) from alerting.bounces b
           where b.mailbox_id = m.mailbox_id and b.hard
             and b.reported_at >= coalesce(m.confirmed_at, m.created_at)
       ) as hard_bounces
from alerting.mailboxes m
where m.organisation_id = :organisation and (cast(:id as bytea) is null or m.mailbox_id = :id)
order by m.address
"""
_ASK = """
update alerting.mailboxes set asked_at = null, asking_failed = null, failures = 0, next_attempt_at = :now,
    question_id = :question
where mailbox_id = :id returning mailbox_id
"""
_REST = "select alerting.may_be_asked_at(:id)"
_RECORD = "select alerting.record_bounce(:box, :letter, 'report', :hard, :detail, :now)"


async def listed(
    connection: AsyncConnection, organisation: str, mailbox_id: bytes | None = None
) -> Sequence[RowMapping]:
    """Return the addresses of an organisation, or one of them, each with its hard bounces."""
    values = {"organisation": organisation, "id": mailbox_id}
    return (await connection.execute(text(_LISTED), values)).mappings().all()


async def ask_again(
    connection: AsyncConnection, mailbox_id: bytes, question_id: bytes, now: datetime
) -> bool:
    """Let the question be sent once more; return whether the address is there."""
    return (
        await connection.scalar(text(_ASK), {"id": mailbox_id, "question": question_id, "now": now})
        is not None
    )


async def rest(connection: AsyncConnection, mailbox_id: bytes) -> datetime | None:
    """Return from when on an address may be asked again, or None where nobody asked it yet."""
    found: datetime | None = await connection.scalar(text(_REST), {"id": mailbox_id})
    return found


async def of_letter(connection: AsyncConnection, letter: bytes) -> bytes | None:
    """Return the mailbox that a letter went to."""
    found = await connection.scalar(text("select alerting.mailbox_of_letter(:id)"), {"id": letter})
    return None if found is None else bytes(found)


async def record_bounce(
    connection: AsyncConnection, mailbox_id: bytes, bounce: tuple[bytes, bool, str], now: datetime
) -> bool:
    """Write that a letter came back, hard or not, and why; return whether that suspended the address."""
    letter, hard, detail = bounce
    values = {"box": mailbox_id, "letter": letter, "hard": hard, "detail": detail, "now": now}
    return bool(await connection.scalar(text(_RECORD), values))
