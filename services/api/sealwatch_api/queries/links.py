"""What signed links are about, and what following one changes."""

from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.links import Link, Purpose

_OWNER = "select alerting.owner_of_link(:purpose, :subject)"
_SHOWN = {
    Purpose.ACKNOWLEDGE: """
        select d.notice_id, n.product_id as product, p.name, n.before, n.after, n.sequence, a.who,
               a.acknowledged_at as at
        from alerting.deliveries d left join alerting.notices n on n.notice_id = d.notice_id
        left join registry.products p on p.product_id = n.product_id
        left join lateral (
            select who, acknowledged_at from alerting.acknowledgements
            where delivery_id = d.delivery_id order by acknowledged_at limit 1) a on true
        where d.delivery_id = :subject
    """,
    Purpose.CONFIRM: "select department, address from alerting.mailboxes where mailbox_id = :subject",
    Purpose.UNSUBSCRIBE: """
        select department from registry.subscriptions
        where subscription_id = :subject and organisation_id = :organisation and deleted_at is null
    """,
}
# A confirmation by the same link is no new one: it would let an old letter undo a suspension.
_CONFIRM = """
update alerting.mailboxes set confirmed_at = :now, suspended_at = null, suspended_reason = null
where mailbox_id = :subject
  and (confirmed_at is null or (suspended_at is not null and asked_at > suspended_at))
"""
_LEAVE = """
insert into alerting.digest_leavers (subscription_id, organisation_id, left_at)
values (:subject, :organisation, :now) on conflict do nothing
"""


async def owner(connection: AsyncConnection, link: Link) -> str | None:
    """Return the organisation that a link is of, None where its subject is no more."""
    values = {"purpose": int(link.purpose), "subject": link.subject}
    found = await connection.scalar(text(_OWNER), values)
    return None if found is None else str(found)


async def shown(connection: AsyncConnection, link: Link, organisation: str) -> RowMapping | None:
    """Return what the page of a link tells."""
    statement, values = _SHOWN[link.purpose], {"subject": link.subject, "organisation": organisation}
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    return (await connection.execute(text(statement), used)).mappings().one_or_none()


async def gathered(connection: AsyncConnection, delivery_id: bytes) -> int:
    """Return how many level changes a message told together."""
    found = await connection.scalar(
        text("select count(*) from alerting.decisions where delivery_id = :id"), {"id": delivery_id}
    )
    return int(found or 0)


async def confirm(connection: AsyncConnection, mailbox_id: bytes, now: datetime) -> None:
    """Let warnings be sent to an address."""
    await connection.execute(text(_CONFIRM), {"subject": mailbox_id, "now": now})


async def leave(
    connection: AsyncConnection, subscription_id: bytes, organisation: str, now: datetime
) -> None:
    """Stop the digests of a subscription."""
    values = {"subject": subscription_id, "organisation": organisation, "now": now}
    await connection.execute(text(_LEAVE), values)
