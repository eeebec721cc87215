"""What changes about a subscription: any field but the channel, each by itself."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Body, Code, Factor, Id, Instant, Name, ProductId, Region
from sealwatch.contracts.door import FieldError
from sealwatch.contracts.mailboxes import Mailbox
from sealwatch.contracts.overrides import GradedWord
from sealwatch_api.endpoint_forms import Url
from sealwatch_api.forms import MOST_OF_A_LIST, DigestSeconds, Kinds, Why
from sealwatch_api.levels import rank

LONGEST_PAUSE = timedelta(days=7)  # a longer rest is a silence, with an owner and a reason; ours
LISTS = ("categories", "regions", "enterprises", "factors", "products")
Listed = Field(max_length=MOST_OF_A_LIST)
_OF_EMAIL = {"address", "digest", "digest_seconds"}
_OF_WEBHOOK = {"url", "contact"}


def _unsaid() -> Any:  # noqa: ANN401  # no value of the field: what was not sent is not read either
    return None


class SubscriptionChange(Body):
    """What is to be another; what is left out stays, and null takes away what need not be there."""

    department: Name = Field(default_factory=_unsaid)
    department_id: Code | None = None
    url: Url = Field(default_factory=_unsaid)
    contact: Annotated[
        Mailbox | None, Field(description="of whoever is told when the endpoint is switched off")
    ] = None
    address: Mailbox = Field(default_factory=_unsaid)
    digest: bool = Field(default_factory=_unsaid)
    digest_seconds: DigestSeconds = Field(default_factory=_unsaid)
    minimum_level: GradedWord = Field(default_factory=_unsaid)
    categories: Annotated[tuple[Code, ...], Listed] = Field(default_factory=_unsaid)
    regions: Annotated[tuple[Region, ...], Listed] = Field(default_factory=_unsaid)
    enterprises: Annotated[tuple[Id, ...], Listed] = Field(default_factory=_unsaid)
    factors: Annotated[tuple[Factor, ...], Listed] = Field(default_factory=_unsaid)
    products: Annotated[tuple[ProductId, ...], Listed] = Field(default_factory=_unsaid)
    kinds: Kinds = Field(default_factory=_unsaid)
    language: Literal["en", "zh"] = Field(default_factory=_unsaid)
    paused_until: Annotated[
        Instant | None,
        Field(
            description="until then only changes to and from High and Serious are told; within 7 days; "
            "asks for pause_reason; null goes on"
        ),
    ] = None
    pause_reason: Annotated[Why, Field(description="why it is paused; kept in the audit of the change")] = (
        Field(default_factory=_unsaid)
    )

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("nothing_to_change", "name a field that is to be another")
        return self


def faults_of(wish: SubscriptionChange, row: Mapping[str, Any], now: datetime) -> Iterator[FieldError]:
    """Yield why a change does not fit the subscription that it is of."""
    named = wish.model_fields_set
    wrong = _OF_WEBHOOK if row["channel"] == "email" else _OF_EMAIL
    for name in sorted(named & wrong):
        yield FieldError(f"/{name}", "other_channel", f"a subscription by {row['channel']} has none")
    digest = wish.digest if "digest" in named else row["digest"]
    if "digest_seconds" in named - wrong and not digest:
        yield FieldError("/digest_seconds", "interval_without_digest", "only a digest has an interval")
    if wish.paused_until and not now < wish.paused_until <= now + LONGEST_PAUSE:
        yield FieldError("/paused_until", "pause_out_of_range", "must be to come, within 7 days")
    if bool(wish.paused_until) != ("pause_reason" in named):
        yield FieldError(
            "/pause_reason", "pause_without_reason", "a pause has a reason, and a reason a pause"
        )


def columns_of(wish: SubscriptionChange) -> dict[str, Any]:
    """Return the columns that a change sets; an empty list lets everything through."""
    values: dict[str, Any] = {
        name: getattr(wish, name) for name in sorted(wish.model_fields_set - {"pause_reason"})
    }
    for name in values.keys() & {*LISTS, "kinds"}:
        values[name] = list(values[name]) or None
    if "minimum_level" in values:
        values["minimum_level"] = rank(values["minimum_level"])
    if values.get("digest") is False:
        values["digest_seconds"] = None
    return values
