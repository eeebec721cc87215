"""Who is asking, and whether the key may. A revoked key is refused at its very next request."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.credentials import PresentedKey, matches, presented
from sealwatch_api.parts import Parts, parts_of
from sealwatch_api.problems import Declined
from sealwatch_api.queries import credentials
from sealwatch_api.queries.tenancy import ANY_ORGANISATION

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sealwatch"'}
IN_THE_URL = ("key", "api_key", "token", "access_token")


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated source of one organisation, and what its key allows."""

    key_id: str
    organisation: str
    source: str
    scopes: frozenset[str]
    source_classes: Mapping[str, str]
    accredited: bool

    @property
    def person(self) -> str:
        """Return who is held to account: the source, whichever of its keys was shown."""
        return f"{self.organisation}/{self.source}"

    @property
    def stamp(self) -> Stamp:
        """Return what is stamped on what this caller records."""
        return Stamp(self.organisation, self.source)


@dataclass(frozen=True, slots=True)
class Access:
    """A caller who passed, with the parts a route works with."""

    caller: Caller
    parts: Parts

    @property
    def organisation(self) -> str:
        """Return whose rows this caller sees."""
        return self.caller.organisation

    def transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction that sees the rows of the caller's organisation only."""
        return self.parts.transaction(self.caller.organisation)


def shown_key(authorizations: Sequence[str]) -> PresentedKey:
    """Return the key that was shown; a wrong checksum is refused without a look-up."""
    if len(authorizations) > 1:
        raise Declined(400, "several_credentials")
    shown = presented(authorizations[0]) if authorizations else None
    if shown is None:
        raise unauthenticated()
    return shown


def admitted(shown: PresentedKey, row: RowMapping | None, now: datetime) -> Caller:
    """Return the caller, or raise; an unknown key and a missing one get the same answer."""
    if row is None or not matches(shown, row["digest"]):
        raise unauthenticated()
    if row["revoked_at"] is not None or (row["expires_at"] is not None and row["expires_at"] <= now):
        raise Declined(401, "credential_revoked", headers=CHALLENGE)
    return Caller(
        row["key_id"],
        row["organisation_id"],
        row["source_id"],
        frozenset(row["scopes"]),
        row["source_classes"],
        row["accredited"],
    )


def unauthenticated() -> Declined:
    """Return the refusal of whoever showed no key that is known."""
    return Declined(401, "unauthenticated", headers=CHALLENGE)


_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="An API key, `sw_live_...`.")


async def access_of(
    request: Request,
    wanted: SecurityScopes,
    parts: Annotated[Parts, Depends(parts_of)],
    _documented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Access:
    """Return the access that the shown key gives, or raise Declined."""
    if any(name in request.query_params for name in IN_THE_URL):
        raise Declined(400, "credential_in_url")
    shown = shown_key(request.headers.getlist("authorization"))
    async with parts.transaction(ANY_ORGANISATION) as connection:
        row = await credentials.find(connection, shown.key_id)
    caller = admitted(shown, row, parts.clock())
    if not caller.scopes.issuperset(wanted.scopes):
        raise Declined(403, "missing_scope")
    return Access(caller, parts)


EventsWriter = Annotated[Access, Security(access_of, scopes=["events:write"])]
ProductsWriter = Annotated[Access, Security(access_of, scopes=["products:write"])]
RiskReader = Annotated[Access, Security(access_of, scopes=["risk:read"])]
WarningsReader = Annotated[Access, Security(access_of, scopes=["warnings:read"])]
WarningsAcknowledger = Annotated[Access, Security(access_of, scopes=["warnings:acknowledge"])]
BouncesWriter = Annotated[Access, Security(access_of, scopes=["bounces:write"])]
SubscriptionsAdmin = Annotated[Access, Security(access_of, scopes=["subscriptions:admin"])]
NoticesDrafter = Annotated[Access, Security(access_of, scopes=["notices:draft"])]
NoticesReleaser = Annotated[Access, Security(access_of, scopes=["notices:release"])]
SilenceWriter = Annotated[Access, Security(access_of, scopes=["silences:write"])]
SilenceApprover = Annotated[Access, Security(access_of, scopes=["silences:approve"])]
ActionsWriter = Annotated[Access, Security(access_of, scopes=["actions:write"])]
DevicesAdmin = Annotated[Access, Security(access_of, scopes=["devices:admin"])]
KeysAdmin = Annotated[Access, Security(access_of, scopes=["keys:admin"])]
LettersAdmin = Annotated[Access, Security(access_of, scopes=["letters:admin"])]
PolicyWriter = Annotated[Access, Security(access_of, scopes=["policy:write"])]
LevelOverrider = Annotated[Access, Security(access_of, scopes=["levels:override"])]
PolicyPublisher = Annotated[Access, Security(access_of, scopes=["policy:publish"])]
