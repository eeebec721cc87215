"""Who is sending, and what they may send. Pure: the registry and the time are arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.credentials import PREFIX, matches, presented
from sealwatch.contracts.registry import CredentialEntry, DeviceEntry

SCOPE = "events:write"
_CREDENTIAL_NAMES = frozenset({"key", "api_key", "apikey", "token", "access_token"})
CATCHING_UP_SECONDS = 1  # the registry is small: a start reads it in well under that; ours
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="sealwatch"'}


class Senders(Protocol):
    """What intake knows of credentials and devices, and whether it has read all there was."""

    complete: bool

    def credential(self, key_id: str) -> CredentialEntry | None:
        """Return the credential of a key id."""

    def device(self, organisation_id: str, device_id: str) -> DeviceEntry | None:
        """Return a device of an organisation."""


class Denied(Exception):  # noqa: N818
    """The sender may not do this: status, stable code, headers of the answer."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep what the answer will say."""
        super().__init__(code)
        self.status, self.code, self.headers = status, code, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Sender:
    """An authenticated source."""

    key_id: str
    organisation: str
    source: str
    source_classes: Mapping[str, str]
    accredited: bool

    def stamp(self, kind: str | None) -> Stamp:
        """Return what is stamped on an event of this kind, or raise Denied.

        A retraction has no kind: any source may take its own organisation's events back.
        """
        if kind is None:
            return Stamp(self.organisation, self.source, "", self.accredited)
        source_class = self.source_classes.get(kind)
        if source_class is None:
            raise Denied(403, "kind_not_permitted")
        return Stamp(self.organisation, self.source, source_class, self.accredited)


def sender_of(authorizations: Sequence[str], senders: Senders, now: datetime) -> Sender:
    """Return the sender, or raise Denied; an unknown key and a missing one get the same answer.

    Until the registry was read to its end nobody can tell a key that is not there from one that was not
    read yet, nor a key from a revoked one: the answer is to come back.
    """
    if len(authorizations) > 1:
        raise Denied(400, "several_credentials")
    shown = presented(authorizations[0]) if authorizations else None
    if shown is not None and not senders.complete:
        raise Denied(503, "registry_not_read", {"Retry-After": str(CATCHING_UP_SECONDS)})
    entry = senders.credential(shown.key_id) if shown else None
    if shown is None or entry is None or not matches(shown, entry.digest):
        raise Denied(401, "unauthenticated", CHALLENGE)
    if entry.revoked or _is_over(entry.expires_at, now):
        raise Denied(401, "credential_revoked", CHALLENGE)
    if SCOPE not in entry.scopes:
        raise Denied(403, "missing_scope")
    classes = {str(kind): str(source_class) for kind, source_class in entry.source_classes.items()}
    return Sender(entry.key_id, entry.organisation_id, entry.source_id, classes, entry.accredited)


def has_credential(query: str) -> bool:
    """Tell whether an address carries a key; addresses end up in logs."""
    return bool(query) and (
        PREFIX in query or not _CREDENTIAL_NAMES.isdisjoint(dict(parse_qsl(query, keep_blank_values=True)))
    )


def _is_over(expires_at: str | None, now: datetime) -> bool:
    return expires_at is not None and datetime.fromisoformat(expires_at) <= now
