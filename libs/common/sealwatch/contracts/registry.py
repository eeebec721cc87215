"""What intake must know of its senders: entries of the compacted registry topic.

Keyed ``kind:id``; the newest entry of a key counts, a null value takes it away.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from sealwatch.contracts.base import Code, Id
from sealwatch.contracts.sightings import SightingKind

SourceClass = Literal[
    "national_spot_check",
    "enforcement",
    "official_notice",
    "onsite_audit",
    "local_spot_check",
    "user_unit_spot_check",
    "monitoring_point",
    "confirmed_counterfeit",
    "commissioned_inspection",
    "user_report",
    "enterprise_report",
    "code_scan",
    "web",
]
EvidenceKind = Literal["inspection", "reading"] | SightingKind
Scope = Literal[
    "events:write",
    "products:write",
    "risk:read",
    "warnings:read",
    "subscriptions:admin",
    "devices:admin",
    "keys:admin",
]
SCOPES: tuple[Scope, ...] = (
    "events:write",
    "products:write",
    "risk:read",
    "warnings:read",
    "subscriptions:admin",
    "devices:admin",
    "keys:admin",
)


def _readable(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("has no offset")
    return text


InstantText = Annotated[str, AfterValidator(_readable)]


class Entry(BaseModel):
    """Any entry; unknown fields of a later minor version are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CredentialEntry(Entry):
    """A key of one source: whose it is, what it may send and of which class each kind is."""

    kind: Literal["credential"] = "credential"
    key_id: str
    digest: str
    organisation_id: Code
    source_id: Code
    scopes: tuple[Scope, ...]
    source_classes: dict[EvidenceKind, SourceClass] = {}
    accredited: bool = False
    expires_at: InstantText | None = None
    revoked: bool = False


class DeviceEntry(Entry):
    """A device at a monitoring point: how often it reports and until when it is calibrated."""

    kind: Literal["device"] = "device"
    device_id: Id
    organisation_id: Code
    point_id: Id
    period_seconds: Annotated[int, Field(ge=1, le=366 * 86_400)]
    calibrated_until: InstantText | None = None


AnyEntry = Annotated[CredentialEntry | DeviceEntry, Field(discriminator="kind")]
ENTRY: TypeAdapter[CredentialEntry | DeviceEntry] = TypeAdapter(AnyEntry)


def key_of(entry: CredentialEntry | DeviceEntry) -> str:
    """Return the key under which the topic keeps an entry."""
    if isinstance(entry, CredentialEntry):
        return f"credential:{entry.key_id}"
    return f"device:{entry.organisation_id}/{entry.device_id}"
