"""Every decision to tell a subscription or not, with its reason; and what would be decided of a change."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.base import ProductId, derived_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.routing.audience import Subscription, missed
from sealwatch.routing.notice import decide
from sealwatch.routing.route import Verdict, route
from sealwatch.shell.audience import asked as audience_asked
from sealwatch.shell.audience import history, paces
from sealwatch_api.auth import SubscriptionsAdmin, WarningsReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import HexId, Moment
from sealwatch_api.levels import word
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import not_found
from sealwatch_api.queries import decisions as queries
from sealwatch_api.routing_forms import DryRun, Hypothesis
from sealwatch_api.routing_views import Answer, Decision, DryRunAnswer, Outcome

router = APIRouter(tags=["warnings"])
IDS = ("notice_id", "subscription_id", "delivery_id", "rule_id")


class DecisionsAsked(Asked):
    """Filters of the list of decisions."""

    product_id: ProductId | None = None
    notice_id: HexId | None = None
    subscription_id: HexId | None = None
    delivery_id: HexId | None = None
    office: str | None = None
    enterprise_id: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    since: Moment | None = None
    until: Moment | None = None


@router.get("/v1/decisions")
async def list_decisions(access: WarningsReader, asked: Annotated[DecisionsAsked, Query()]) -> Page[Decision]:
    """List what was decided about one's own subscriptions, newest first."""
    reading = Reading(access, "decisions", asked)
    filters, after = reading.filters_by(IDS), reading.place_after()
    async with access.transaction() as connection:
        rows = await queries.decisions(connection, access.organisation, filters, after, reading.most)
    return Page(
        items=[_shown(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, place_of),
    )


@router.post("/v1/subscriptions/dry-run", openapi_extra=accepts(DryRun))
async def dry_run(access: SubscriptionsAdmin, wish: Annotated[DryRun, Depends(sent(DryRun))]) -> DryRunAnswer:
    """Answer who of one's own would be told of a change now, how, and why the others would not."""
    now = access.parts.clock()
    async with access.transaction() as connection:
        change, last = await _supposed(connection, wish, now)
        known = await audience_asked(connection, now, access.organisation)
        past = await history(connection, [change], known, now, before_it=True)
        readers = [one.subscription_id for one in known.audience.subscriptions]
        past.paces = await paces(connection, readers)
    news = decide(last, change)
    verdicts = route(change, known.audience, past, known.rules, now) if news.tell else []
    found = {one.subscription.subscription_id: one for one in verdicts}
    return DryRunAnswer(
        decision="tell" if news.tell else "quiet",
        reason=news.reason.value,
        answers=[
            _answer(one, change, found.get(one.subscription_id), news.reason.value)
            for one in known.audience.subscriptions
        ],
    )


async def _supposed(
    connection: AsyncConnection, wish: DryRun, now: datetime
) -> tuple[LevelChanged, int | None]:
    """Return the change to ask about, and the newest one that was heard of before it."""
    if wish.change is not None:
        last = await queries.last_sequence(connection, wish.change.product_id)
        return _made(wish.change, (last or 0) + 1, now), last
    change = await queries.change_of(connection, bytes.fromhex(wish.notice_id or ""))
    if change is None:
        raise not_found()
    return LevelChanged.model_validate(change), None


def _made(said: Hypothesis, sequence: int, now: datetime) -> LevelChanged:
    uid = derived_uid("dry run", said.product_id, str(sequence)).hex()
    nothing = {"severity_class": 3, "facts_known": True, "facts_revision": 0, "policy_version": ""}
    return LevelChanged.model_validate(
        {
            **said.model_dump(),
            **nothing,
            "uid": uid,
            "last_event_uid": uid,
            "sequence": sequence,
            "start_level": "low",
            "index": None,
            "indicated": said.after,
            "reason": "dry run",
            "changed_at": now.isoformat(),
        }
    )


def _answer(one: Subscription, change: LevelChanged, verdict: Verdict | None, otherwise: str) -> Answer:
    who: dict[str, Any] = {
        "subscription_id": one.subscription_id.hex(), "office": one.office, "channel": one.channel,
    }  # fmt: skip
    left_out = missed(change, one)
    if left_out is not None:
        return Answer(**who, outcome="not_asked", reason=left_out)
    if verdict is None:
        return Answer(**who, outcome="quiet", reason=otherwise)
    message = verdict.message
    return Answer(
        **who,
        outcome="tell" if message else "quiet",
        reason=verdict.reason.value,
        cause=verdict.cause.value,
        rule_id=verdict.rule_id.hex() if verdict.rule_id else None,
        grouped=message.grouped if message else False,
        due_at=message.due_at if message else None,
    )


def place_of(row: RowMapping) -> list[str]:
    """Return where a decision stands in a list of them: by instant, notice, subscription."""
    return [row["decided_at"].isoformat(), row["notice_id"].hex(), row["subscription_id"].hex()]


def _shown(row: RowMapping) -> Decision:
    levels = {name: word(row[name]) for name in ("before", "after")}
    ids = {name: row[name].hex() if row[name] else None for name in IDS}
    return Decision.model_validate({**row, **levels, **ids})
