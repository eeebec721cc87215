"""What became of an event that was accepted."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from fastapi import APIRouter
from sqlalchemy import RowMapping

from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.contracts.log import Event, decode
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.errors import Halted, UnreadableRecord
from sealwatch.risk.policy import Policy
from sealwatch.scoring.account import accounts_of
from sealwatch_api.auth import EventsWriter
from sealwatch_api.forms import HexId
from sealwatch_api.problems import Declined
from sealwatch_api.queries import receipts as queries
from sealwatch_api.receipt_views import LetterOf, Place, Receipt, SetAside, indicator_of
from sealwatch_api.scored_with import version_on

router = APIRouter(tags=["receipts"])


class Beside(NamedTuple):
    """What came under the same uid and was not scored."""

    aside: Sequence[RowMapping]
    letters: Sequence[RowMapping]


@router.get("/v1/receipts/{uid}")
async def get_receipt(access: EventsWriter, uid: HexId) -> Receipt:
    """Show what became of an event of one's own organisation; 404 until the scorer has read it.

    What each indicator counted as is worked out anew from the stored event, under the policy that was in
    force when it was scored.
    """
    asked = (access.organisation, bytes.fromhex(uid))
    async with access.transaction() as connection:
        row = await queries.event(connection, *asked)
        beside = Beside(
            await queries.quarantined(connection, *asked), await queries.letters(connection, *asked)
        )
        version = await version_on(connection, access.parts, row["instant"].date()) if row else None
    if row is None or version is None:
        return _of_none(uid, beside)
    return await asyncio.to_thread(_of_event, row, beside, version.policy)


def _of_event(row: RowMapping, beside: Beside, policy: Policy) -> Receipt:
    event, retracted_by = _read(row), row["retracted_by"]
    return Receipt(
        uid=row["uid"].hex(),
        outcome="scored" if retracted_by is None else "retracted",
        product_id=row["product_id"],
        type=row["type"],
        source=row["source"],
        occurred_at=row["occurred_at"],
        recorded_at=row["appended"],
        position=Place(partition=row["partition"], offset=row["offset"]),
        retracted_by=None if retracted_by is None else retracted_by.hex(),
        counted_under=policy.version,
        flags=list(event.flags) if event else [],
        indicators=[indicator_of(one) for one in accounts_of(event, policy)] if event else None,
        set_aside=_set_aside(beside),
        dead_letters=_letters(beside),
    )


def _of_none(uid: str, beside: Beside) -> Receipt:
    """Return the receipt of what never came to be an event; what was set aside says more than a letter."""
    if not (beside.aside or beside.letters):
        raise Declined(404, "not_yet_known")
    first = (beside.aside or beside.letters)[0]
    return Receipt(
        uid=uid,
        outcome="quarantined" if beside.aside else "dead_letter",
        product_id=first.get("product_id"),
        type=None,
        source=first.get("source"),
        occurred_at=None,
        recorded_at=first["appended"],
        set_aside=_set_aside(beside),
        dead_letters=_letters(beside),
    )


def _read(row: RowMapping) -> Event | None:
    """Return the stored event; None for one that this release cannot read."""
    key, place = row["product_id"].encode(), (row["partition"], row["offset"])
    try:
        return decode(Received(EVIDENCE.name, *place, 0, key, row["body"], unpacked_headers(row["headers"])))
    except (UnreadableRecord, Halted):
        return None


def _set_aside(beside: Beside) -> list[SetAside]:
    return [
        SetAside(reason=row["reason"], recorded_at=row["appended"], state=row["state"])
        for row in beside.aside
    ]


def _letters(beside: Beside) -> list[LetterOf]:
    return [
        LetterOf(
            letter_id=row["letter_id"].hex(),
            error_class=row["error_class"],
            reason=row["reason"],
            recorded_at=row["appended"],
            state=row["state"],
        )
        for row in beside.letters
    ]
