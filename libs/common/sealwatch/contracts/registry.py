"""What intake must know of its senders: entries of the compacted registry topic.

Keyed ``kind:id``; the newest entry of a key counts, a null value takes it away.
"""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Body, Code, Factor, Id, ProductId, Quantity
from sealwatch.contracts.inspections import Limits
from sealwatch.contracts.sightings import SightingKind
from sealwatch.measure.units import UnknownUnit, conversion

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
EvidenceKind = Literal["inspection", "reading", "incident"] | SightingKind
Scope = Literal[
    "events:write",
    "products:write",
    "risk:read",
    "warnings:read",
    "warnings:acknowledge",
    "subscriptions:admin",
    "devices:admin",
    "keys:admin",
    "letters:admin",
    "letters:centre",
    "bounces:write",
    "policy:write",
    "policy:publish",
    "levels:override",
    "silences:write",
    "silences:approve",
    "actions:write",
    "actions:centre",
    "notices:draft",
    "notices:release",
]
SCOPES: tuple[Scope, ...] = (
    "events:write",
    "products:write",
    "risk:read",
    "warnings:read",
    "warnings:acknowledge",
    "subscriptions:admin",
    "devices:admin",
    "keys:admin",
    "letters:admin",
    "levels:override",
    "silences:write",
    "silences:approve",
    "actions:write",
)
CENTRE_SCOPES: tuple[Scope, ...] = (
    "letters:centre",
    "actions:centre",
    "policy:write",
    "policy:publish",
    "bounces:write",
    "notices:draft",
    "notices:release",
)
"""What reaches beyond one organisation: only given to a key when it is asked for by name."""


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


class MeasuredIndicator(Body):
    """What a device measures: unit, what it can show at all, the factor it bears on and its limits.

    With a product it holds for that product only and goes before the entry for all of them.
    Without limits a reading is kept and counts for nothing.
    """

    indicator: Code
    unit: Code
    factor: Factor
    product_id: ProductId | None = None
    lowest: Annotated[Quantity | None, Field(description="least value the device can show")] = None
    highest: Annotated[Quantity | None, Field(description="greatest value the device can show")] = None
    limits: Limits | None = None


class Indicator(MeasuredIndicator):
    """What a device measures, as it is registered: its units must be known and compare."""

    @model_validator(mode="after")
    def _units_compare(self) -> Self:
        try:
            fits = conversion(self.unit, (self.limits and self.limits.unit) or self.unit)
        except UnknownUnit:
            raise PydanticCustomError("unknown_unit", "names no unit that we know") from None
        if fits is None:
            raise PydanticCustomError("unit_mismatch", "limit and indicator measure different things")
        return self


class RecordedLimits(Limits):
    """Limits as the topic has them; unknown fields of a later minor version are passed over."""

    model_config = ConfigDict(extra="ignore")


class RecordedIndicator(MeasuredIndicator):
    """An indicator as the topic has it; unknown fields of a later minor version are passed over."""

    model_config = ConfigDict(extra="ignore")

    limits: RecordedLimits | None = None


class DeviceEntry(Entry):
    """A device at a monitoring point: how often it reports, until when it is calibrated, what it measures.

    Without indicators it may send any; with some, only those.
    """

    kind: Literal["device"] = "device"
    device_id: Id
    organisation_id: Code
    point_id: Id
    period_seconds: Annotated[int, Field(ge=1, le=366 * 86_400)]
    calibrated_until: InstantText | None = None
    indicators: tuple[RecordedIndicator, ...] = ()

    def measures(self, indicator: str, product_id: str) -> RecordedIndicator | None:
        """Return what it measures under this name at this product: the product's own entry first."""
        named = {one.product_id: one for one in self.indicators if one.indicator == indicator}
        return named.get(product_id) or named.get(None)

    def knows(self, indicator: str) -> bool:
        """Tell whether readings of this indicator may come from it."""
        return not self.indicators or any(one.indicator == indicator for one in self.indicators)


AnyEntry = Annotated[CredentialEntry | DeviceEntry, Field(discriminator="kind")]
ENTRY: TypeAdapter[CredentialEntry | DeviceEntry] = TypeAdapter(AnyEntry)


def key_of(entry: CredentialEntry | DeviceEntry) -> str:
    """Return the key under which the topic keeps an entry."""
    if isinstance(entry, CredentialEntry):
        return f"credential:{entry.key_id}"
    return f"device:{entry.organisation_id}/{entry.device_id}"
