"""Policy versions: one person drafts, another publishes, and what is published never changes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.door import MAX_ERRORS, FieldError
from sealwatch.shell.first_policy import shipped
from sealwatch.shell.policies import PolicyDocument, VersionName
from sealwatch.shell.policy_documents import Document, Unproven, Version, numbers_of, version_in
from sealwatch.shell.policy_faults import Fault
from sealwatch.shell.succession import differences, objections
from sealwatch_api.auth import Access, PolicyPublisher, PolicyWriter, RiskReader
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import Publication, Withdrawal
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.parts import Parts
from sealwatch_api.policy_views import Deed, Difference, Differences, Policy, PolicyInFull, Spot
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import policies as queries
from sealwatch_api.scored_with import first_of, version_on

router = APIRouter(tags=["policies"])
MARGIN = timedelta(hours=1)  # before its first day, so that no partition was swept into it; ours
_LONGEST_REASON = 300
_SHIPPED = {one.policy.version for one in shipped()}  # names that nobody else's version may have
_DAY = timedelta(days=1)


@router.post("/v1/policies", status_code=201, openapi_extra=accepts(PolicyDocument))
async def post_policy(
    access: PolicyWriter, document: Annotated[PolicyDocument, Depends(sent(PolicyDocument))]
) -> PolicyInFull:
    """Draft a version: the whole document, through the same proof that the scorer asks for."""
    version = _proven(document)
    name = version.policy.version
    async with access.transaction() as connection:
        taken = name in {(await first_of(connection, access.parts)).policy.version, *_SHIPPED}
        if taken or not await queries.draft(connection, version, _act(access, name, version.digest)):
            raise Declined(409, "version_taken")
        return await _in_full(connection, access.parts, await _found(connection, name))


def _proven(document: PolicyDocument) -> Version:
    """Return the version of a document, or raise Declined with a path for every reason."""
    if "\\u0000" in document.model_dump_json():
        raise _refused(422, "control_character", [Fault("", "a text holds a null character")])
    return _reproven(document.model_dump(mode="json"))


def _reproven(document: Document) -> Version:
    """Return the version of a document, or raise Declined: a draft may be older than a rule of the proof."""
    try:
        return version_in(document)
    except Unproven as error:
        raise _refused(422, "policy_not_proven", error.faults) from None


def _refused(status: int, code: str, faults: Sequence[Fault]) -> Declined:
    """Return a refusal that says where; what it quotes is the author's own document."""
    errors = [FieldError(f.path[:200], code, f.reason[:_LONGEST_REASON]) for f in faults[:MAX_ERRORS]]
    return Declined(status, code, errors=errors)


def _act(access: Access, version: str, digest: str, note: str = "") -> queries.Act:
    caller = access.caller
    return queries.Act(version, digest, caller.person, caller.key_id, access.parts.clock(), note)


@router.get("/v1/policies")
async def list_policies(access: RiskReader, asked: Annotated[Asked, Query()]) -> Page[Policy]:
    """List versions, newest draft first; the one that was there before any is not among them."""
    reading = Reading(access, "policies", asked)
    after = (datetime.fromisoformat(reading.after[0]), reading.after[1]) if reading.after else None
    async with access.transaction() as connection:
        rows = await queries.listed(connection, after, reading.most)
    return Page(
        items=[Policy.model_validate(dict(row)) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [row["created_at"].isoformat(), row["version"]]),
    )


@router.get("/v1/policies/{version}")
async def get_policy(access: RiskReader, version: VersionName) -> PolicyInFull:
    """Show one version: its document, what was done with it, and what it takes to adopt it."""
    async with access.transaction() as connection:
        return await _in_full(connection, access.parts, await _found(connection, version))


@router.get("/v1/policies/{a}/diff/{b}")
async def diff_policies(access: RiskReader, a: VersionName, b: VersionName) -> Differences:
    """Show what changes from one version to another, and what it takes to have its effect."""
    async with access.transaction() as connection:
        old, new = [await _document(connection, access.parts, version) for version in (a, b)]
    items = [Difference(**change._asdict()) for change in differences(old, new)]
    rescored = any(item.effect == "rescoring" for item in items)
    return Differences(old=a, new=b, needs_rescoring=rescored, items=items)


@router.post("/v1/policies/{version}/publish", openapi_extra=accepts(Publication))
async def publish_policy(
    access: PolicyPublisher,
    version: VersionName,
    said: Annotated[Publication, Depends(sent(Publication))],
) -> PolicyInFull:
    """Publish a draft of somebody else: it is scored with from 00:00 UTC of its first day on."""
    async with access.transaction() as connection:
        row = await _locked_draft(connection, version)
        act = _act(access, version, row["digest"], said.note)
        reason = objection(row["author"], act.by, row["effective_from"], act.at)
        if reason is not None:
            raise Declined(403 if reason == "self_approval" else 409, reason)
        await _adoptable(connection, access.parts, row, said)
        await queries.publish(connection, act)
        return await _in_full(connection, access.parts, await _found(connection, version))


def objection(author: str, publisher: str, effective_from: date, now: datetime) -> str | None:
    """Return why this person may not publish this draft now, or None."""
    if publisher == author:
        return "self_approval"
    begins = datetime.combine(effective_from, time.min, UTC)
    return "effective_from_too_soon" if begins < now + MARGIN else None


async def _adoptable(connection: AsyncConnection, parts: Parts, row: RowMapping, said: Publication) -> None:
    """Raise Declined where no scorer could adopt the version, unless its publisher knows and wants it."""
    _reproven(row["document"])
    before = await version_on(connection, parts, row["effective_from"] - _DAY)
    rescored = objections(before.document, row["document"])
    if rescored and not said.accept_rescoring:
        raise _refused(409, "needs_rescoring", rescored)


@router.post("/v1/policies/{version}/withdraw", openapi_extra=accepts(Withdrawal))
async def withdraw_policy(
    access: PolicyWriter, version: VersionName, said: Annotated[Withdrawal, Depends(sent(Withdrawal))]
) -> PolicyInFull:
    """Take back a draft; its version is used up, and what is published stays."""
    async with access.transaction() as connection:
        row = await _locked_draft(connection, version)
        await queries.withdraw(connection, _act(access, version, row["digest"], said.note))
        return await _in_full(connection, access.parts, await _found(connection, version))


async def _locked_draft(connection: AsyncConnection, version: str) -> RowMapping:
    row = await queries.lock(connection, version)
    if row is None:
        raise not_found()
    if row["state"] != "draft":
        raise Declined(409, "not_a_draft")
    return row


async def _found(connection: AsyncConnection, version: str) -> RowMapping:
    row = await queries.find(connection, version)
    if row is None:
        raise not_found()
    return row


async def _document(connection: AsyncConnection, parts: Parts, version: str) -> Document:
    base = await first_of(connection, parts)
    if version == base.policy.version:
        return base.document
    document: Document = (await _found(connection, version))["document"]
    return document


async def _in_full(connection: AsyncConnection, parts: Parts, row: RowMapping) -> PolicyInFull:
    before = await version_on(connection, parts, row["effective_from"] - _DAY)
    rescored = objections(before.document, row["document"])
    deeds = await queries.actions(connection, row["version"])
    return PolicyInFull(
        **dict(row),
        follows=before.policy.version,
        rescoring=[Spot(**fault._asdict()) for fault in rescored],
        ours=[number.path for number in numbers_of(row["document"]) if number.ours],
        actions=[Deed.model_validate(dict(deed)) for deed in deeds],
    )
