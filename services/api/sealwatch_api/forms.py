"""Bodies that the api takes besides product facts, and the small types that its routes share."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Body, Code, Factor, Id, Instant, Name, ProductId, Region, Text
from sealwatch.contracts.mailboxes import Mailbox
from sealwatch.contracts.overrides import GradedWord
from sealwatch.contracts.registry import EvidenceKind, Indicator, Scope, SourceClass

NO_MOMENT = "no_moment"


def _moment(instant: datetime) -> datetime:
    """Return the instant in UTC, which at either end of the calendar there is not for every offset."""
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError(NO_MOMENT, "is not a real instant") from error


Moment = Annotated[AwareDatetime, AfterValidator(_moment)]
HexId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="32 hex digits")]
KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", description="12 hex digits")]
Why = Annotated[Text, Field(min_length=1, pattern=r"\S", description="for whoever looks at it later")]
Label = Annotated[str, Field(max_length=300, description="for people only")]
MOST_OF_A_LIST = 200  # ours
Kinds = Annotated[
    tuple[Literal["level_change", "signal", "all_clear"], ...], Field(min_length=1, max_length=3)
]
DigestSeconds = Annotated[
    int, Field(ge=3_600, le=7 * 86_400, description="from the first change of a digest to its e-mail")
]


class NewSubscription(Body):
    """Which level changes a department is told of, and where; an empty list means all."""

    department: Name
    department_id: Annotated[Code | None, Field(description="of a recorded department")] = None
    channel: Literal["webhook", "email"] = "webhook"
    url: Annotated[
        str | None, Field(min_length=1, max_length=2048, description="receives signed webhooks")
    ] = None
    address: Annotated[
        Mailbox | None, Field(description="receives e-mail, once it has said yes to a question")
    ] = None
    contact: Annotated[
        Mailbox | None,
        Field(description="of whoever looks after the url, told when it is switched off"),
    ] = None
    digest: Annotated[bool, Field(description="gather what is below High into one e-mail")] = False
    digest_seconds: Annotated[DigestSeconds | None, Field(description="a day where it is left out")] = None
    minimum_level: Annotated[
        GradedWord, Field(description="least level, of before and after, to tell of")
    ] = "medium"
    categories: Annotated[tuple[Code, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    regions: Annotated[tuple[Region, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    enterprises: Annotated[tuple[Id, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    factors: Annotated[tuple[Factor, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    products: Annotated[tuple[ProductId, ...], Field(max_length=MOST_OF_A_LIST)] = ()
    kinds: Kinds = ("level_change", "signal", "all_clear")
    language: Literal["en", "zh"] = "en"

    @model_validator(mode="after")
    def _names_its_target(self) -> Self:
        wanted, other = (self.url, self.address) if self.channel == "webhook" else (self.address, self.url)
        if wanted is None or other is not None:
            raise PydanticCustomError("target_of_channel", "a webhook has a url, an e-mail an address")
        if self.contact is not None and self.channel != "webhook":
            raise PydanticCustomError("contact_of_webhook", "only the url of a webhook has a contact")
        if self.digest and self.channel != "email":
            raise PydanticCustomError("digest_by_email", "only e-mail is gathered into digests")
        if self.digest_seconds is not None and not self.digest:
            raise PydanticCustomError("interval_without_digest", "only a digest has an interval")
        return self


class Acknowledged(Body):
    """A department's word that it saw a warning, and what it does about it."""

    name: Annotated[
        str, Field(max_length=100, description="the person, for people; the key says who sent it")
    ] = ""
    answer: Annotated[Text, Field(max_length=2_000, description="what is being done")] = ""


class NewKey(Body):
    """A key to be made: of which source, and what it may do; never more than its maker."""

    source_id: Code
    label: Label = ""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=20)]
    source_classes: Annotated[
        dict[EvidenceKind, SourceClass],
        Field(default_factory=dict, description="the class of each kind of evidence it sends"),
    ]
    accredited: bool = False
    expires_at: Instant | None = None


class DeviceFacts(Body):
    """What is known of a device: place, period, end of calibration, and what it measures."""

    point_id: Id
    period_seconds: Annotated[int, Field(ge=1, le=366 * 86_400)]
    calibrated_until: Instant | None = None
    indicators: Annotated[
        tuple[Indicator, ...],
        Field(
            max_length=MOST_OF_A_LIST,
            strict=False,
            description="what it measures, each with its unit and limits; with none it may send any",
        ),
    ] = ()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        named = [(one.indicator, one.product_id) for one in self.indicators]
        if len(set(named)) < len(named):
            raise PydanticCustomError("indicator_twice", "the same indicator of the same product twice")
        return self


class Publication(Body):
    """A second person's word that a draft is to be scored with from its first day on."""

    note: Label = ""
    accept_rescoring: Annotated[
        bool, Field(description="publish although nothing adopts it until everything was scored anew")
    ] = False


class Withdrawal(Body):
    """Why a draft is taken back."""

    note: Label = ""


class NewOverride(Body):
    """The level that is to be in force instead of the model's, why, and until when."""

    level: GradedWord
    reason: Why
    expires_at: Annotated[Instant, Field(description="within 366 days; RFC 3339 with an offset")]
