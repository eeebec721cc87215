"""Notices of level changes, and the deliveries to an organisation's own endpoints."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch_api.queries.clauses import asked, where

After = tuple[datetime, bytes]
_OF_NOTICES = {"product_id": "product_id = :product_id", "decision": "decision = :decision"}
_OF_DELIVERIES = {
    "product_id": "product_id = :product_id",
    "state": "state = :state",
    "subscription_id": "subscription_id = :subscription_id",
    "department_id": "subscription_id in (select subscription_id from registry.subscriptions "
    "where department_id = :department_id)",
    "since": "created_at >= :since",
    "until": "created_at < :until",
}
_DELIVERY = (
    "delivery_id, notice_id, subscription_id, product_id, sequence, grouped, urgent, cause, "
    "state, failures, next_attempt_at, "
    "concluded_at, reason, created_at, replayed_at"
)
_ATTEMPTS = """
select a.number, a.started_at, a.took_ms, a.status, a.outcome, a.detail
from alerting.attempts a join alerting.deliveries d on d.delivery_id = a.delivery_id
where a.delivery_id = :id and d.organisation_id = :organisation order by a.number
"""


async def notices(
    connection: AsyncConnection, filters: Mapping[str, object], after: After | None, most: int
) -> Sequence[RowMapping]:
    """Return notices, newest first."""
    beyond = ["(heard_at, notice_id) < (:at, :uid)"] if after else []
    conditions = where([*asked(_OF_NOTICES, filters), *beyond])
    values = {**filters, "most": most} | ({"at": after[0], "uid": after[1]} if after else {})
    found = await connection.execute(
        text(
            "select notice_id, product_id, sequence, before, after, decision, reason, heard_at "  # noqa: S608  # our own names
            f"from alerting.notices where {conditions} order by heard_at desc, notice_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def deliveries(
    connection: AsyncConnection,
    organisation: str,
    filters: Mapping[str, object],
    after: After | None,
    most: int,
) -> Sequence[RowMapping]:
    """Return deliveries to an organisation's endpoints, newest first."""
    beyond = ["(created_at, delivery_id) < (:at, :uid)"] if after else []
    conditions = where(["organisation_id = :organisation", *asked(_OF_DELIVERIES, filters), *beyond])
    values = {**filters, "organisation": organisation, "most": most}
    values |= {"at": after[0], "uid": after[1]} if after else {}
    found = await connection.execute(
        text(
            f"select {_DELIVERY} from alerting.deliveries where {conditions} "  # noqa: S608  # our own names
            "order by created_at desc, delivery_id desc limit :most"
        ),
        values,
    )
    return found.mappings().all()


async def delivery(connection: AsyncConnection, organisation: str, delivery_id: bytes) -> RowMapping | None:
    """Return one delivery of an organisation."""
    found = await connection.execute(
        text(
            f"select {_DELIVERY} from alerting.deliveries "  # noqa: S608  # our own names
            "where delivery_id = :id and organisation_id = :organisation"
        ),
        {"id": delivery_id, "organisation": organisation},
    )
    return found.mappings().one_or_none()


async def attempts(
    connection: AsyncConnection, organisation: str, delivery_id: bytes
) -> Sequence[RowMapping]:
    """Return the attempts of one delivery of an organisation, in order."""
    found = await connection.execute(text(_ATTEMPTS), {"id": delivery_id, "organisation": organisation})
    return found.mappings().all()
