"""Keys of one's own organisation: a key is shown once, and never allows more than its maker's."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.credentials import ID_BYTES, SECRET_BYTES, MintedKey, mint
from sealwatch.contracts.registry import CredentialEntry
from sealwatch.shell import outbox
from sealwatch_api.auth import Caller, KeysAdmin
from sealwatch_api.bodies import accepts, sent
from sealwatch_api.forms import KeyId, NewKey
from sealwatch_api.paging import Asked, Page, Reading
from sealwatch_api.problems import Declined, not_found
from sealwatch_api.queries import credentials as queries
from sealwatch_api.registry import LANE, entry_record
from sealwatch_api.views import Key, MadeKey

router = APIRouter(tags=["keys"])
RANDOM_BYTES = ID_BYTES + SECRET_BYTES


def excess(wish: NewKey, maker: Caller) -> str | None:
    """Return in what a key would go beyond its maker's, or None.

    The class of a source decides how much its evidence weighs, so it is guarded like a scope.
    """
    if not maker.scopes.issuperset(wish.scopes):
        return "scope_beyond_own"
    if not wish.source_classes.items() <= dict(maker.source_classes).items():
        return "source_class_beyond_own"
    if wish.accredited and not maker.accredited:
        return "accreditation_beyond_own"
    return None


def entry_of(minted: MintedKey, organisation: str, wish: NewKey) -> CredentialEntry:
    """Return the entry of a new key."""
    return CredentialEntry(
        key_id=minted.key_id,
        digest=minted.digest,
        organisation_id=organisation,
        source_id=wish.source_id,
        scopes=wish.scopes,
        source_classes=wish.source_classes,
        accredited=wish.accredited,
        expires_at=wish.expires_at.isoformat() if wish.expires_at else None,
    )


async def write_key(
    connection: AsyncConnection, entry: CredentialEntry, said: queries.Particulars, recorder: Stamp
) -> RowMapping:
    """Write a key and tell intake of it, in the caller's transaction."""
    row = await queries.insert(connection, entry, said)
    await outbox.add(connection, "registry", LANE, [entry_record(entry, recorder, said.created_at)])
    return row


@router.post("/v1/keys", status_code=201, openapi_extra=accepts(NewKey))
async def post_key(access: KeysAdmin, wish: Annotated[NewKey, Depends(sent(NewKey))]) -> MadeKey:
    """Make a key; it is shown this once."""
    beyond = excess(wish, access.caller)
    if beyond is not None:
        raise Declined(403, beyond)
    minted = mint(access.parts.randomness(RANDOM_BYTES))
    entry = entry_of(minted, access.organisation, wish)
    said = queries.Particulars(wish.label, wish.expires_at, access.parts.clock())
    async with access.transaction() as connection:
        row = await write_key(connection, entry, said, access.caller.stamp)
    return MadeKey(**dict(_shown(row)), key=minted.key)


@router.get("/v1/keys")
async def list_keys(access: KeysAdmin, asked: Annotated[Asked, Query()]) -> Page[Key]:
    """List the keys of one's own organisation, revoked ones too."""
    reading = Reading(access, "keys", asked)
    after = reading.after[0] if reading.after else None
    async with access.transaction() as connection:
        rows = await queries.listed(connection, access.organisation, after, reading.most)
    return Page(
        items=[_shown(row) for row in reading.page(rows)],
        next_cursor=reading.next_cursor(rows, lambda row: [row["key_id"]]),
    )


@router.delete("/v1/keys/{key_id}", status_code=204)
async def delete_key(access: KeysAdmin, key_id: KeyId) -> None:
    """Revoke a key: refused here at once, at intake as soon as it has heard."""
    now = access.parts.clock()
    async with access.transaction() as connection:
        row = await queries.revoke(connection, access.organisation, key_id, now)
        if row is None:
            raise not_found()
        record = entry_record(_revoked(row), access.caller.stamp, now)
        await outbox.add(connection, "registry", LANE, [record])


def _revoked(row: RowMapping) -> CredentialEntry:
    expires_at = row["expires_at"]
    told = {**row, "expires_at": expires_at.isoformat() if expires_at else None}
    return CredentialEntry.model_validate({**told, "revoked": True})


def _shown(row: RowMapping) -> Key:
    return Key.model_validate(dict(row))
