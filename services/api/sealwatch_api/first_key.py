"""The first key of an organisation, made by an operator at the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.credentials import MintedKey, mint
from sealwatch.contracts.registry import CredentialEntry
from sealwatch_api.keys import write_key
from sealwatch_api.queries import credentials
from sealwatch_api.queries.tenancy import work_as


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose key it is and what it may; nobody's scopes bound those of a first key."""

    organisation: str
    source: str
    scopes: Sequence[str]
    source_classes: Mapping[str, str]
    accredited: bool = True
    label: str = "made at the command line"
    organisation_name: str = ""


async def make_first_key(engine: AsyncEngine, wanted: Wanted, randomness: bytes, now: datetime) -> MintedKey:
    """Make the organisation where it is missing, write its key and tell intake, in one transaction."""
    minted = mint(randomness)
    entry = CredentialEntry.model_validate(
        {
            "key_id": minted.key_id,
            "digest": minted.digest,
            "organisation_id": wanted.organisation,
            "source_id": wanted.source,
            "scopes": tuple(wanted.scopes),
            "source_classes": dict(wanted.source_classes),
            "accredited": wanted.accredited,
        }
    )
    async with engine.begin() as connection:
        await work_as(connection, wanted.organisation)
        name = wanted.organisation_name or wanted.organisation
        await credentials.make_organisation(connection, wanted.organisation, name)
        recorder = Stamp(wanted.organisation, wanted.source)
        await write_key(connection, entry, credentials.Particulars(wanted.label, None, now), recorder)
    return minted
