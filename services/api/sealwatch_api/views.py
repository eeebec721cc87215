"""What the api answers about subscriptions, keys, devices and warnings."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sealwatch.contracts.registry import Indicator, Scope
from sealwatch.contracts.risk import LevelWord


class Subscription(BaseModel):
    """A subscription; ``disabled_at`` says that its endpoint refused for good."""

    subscription_id: str
    department: str
    department_id: str | None
    channel: Literal["webhook", "email"]
    url: str | None
    address: str | None
    digest: bool
    digest_seconds: Annotated[int | None, Field(description="from a digest's first change to its e-mail")]
    minimum_level: LevelWord
    categories: list[str]
    regions: list[str]
    enterprises: list[str]
    factors: list[str]
    products: list[str]
    kinds: list[str]
    language: str
    contact: str | None
    created_at: datetime
    paused_until: Annotated[
        datetime | None, Field(description="until then only changes to and from High and Serious are told")
    ]
    disabled_at: datetime | None
    disabled_reason: str | None


class MadeSubscription(Subscription):
    """A new subscription; with the secret of its signatures where it has one, which is shown this once."""

    secret: Annotated[str | None, Field(description="Standard Webhooks secret; not shown again")]


class Key(BaseModel):
    """A key as it is known after it was made."""

    key_id: str
    source_id: str
    label: str
    scopes: list[Scope]
    source_classes: dict[str, str]
    accredited: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class MadeKey(Key):
    """A new key, shown this once."""

    key: Annotated[str, Field(description="the bearer key; not shown again")]


class Device(BaseModel):
    """A device of a monitoring point."""

    device_id: str
    point_id: str
    period_seconds: int
    calibrated_until: datetime | None
    indicators: tuple[Indicator, ...] = ()
    recorded_at: datetime


class Notice(BaseModel):
    """A level change that was heard of, told or not, with the reason either way."""

    notice_id: str
    product_id: str
    sequence: int
    before: LevelWord
    after: LevelWord
    decision: Literal["tell", "quiet"]
    reason: str
    heard_at: datetime


class Delivery(BaseModel):
    """One notice on its way to one endpoint, or many that were gathered: then its decisions list them."""

    delivery_id: str
    notice_id: str | None
    subscription_id: str
    product_id: str | None
    sequence: int | None
    grouped: bool
    urgent: bool
    cause: str | None
    state: Literal["pending", "delivered", "dead", "cancelled"]
    failures: int
    next_attempt_at: datetime | None
    concluded_at: datetime | None
    reason: str | None
    created_at: datetime
    replayed_at: datetime | None


class Attempt(BaseModel):
    """One try at an endpoint."""

    number: int
    started_at: datetime
    took_ms: int
    status: int | None
    outcome: Literal["delivered", "unavailable", "refused"]
    detail: str


class DeliveryWithAttempts(Delivery):
    """A delivery with everything that was tried."""

    attempts: list[Attempt]


class Acknowledgement(BaseModel):
    """Somebody's word that a warning was seen; ``answer`` says what is done about it."""

    acknowledgement_id: str
    notice_id: str | None
    delivery_id: str | None
    who: str
    via: Literal["link", "api", "webhook"]
    answer: str
    acknowledged_at: datetime


class Acknowledgements(BaseModel):
    """All of one's own organisation of one notice, oldest first."""

    items: list[Acknowledgement]


class MailboxView(BaseModel):
    """An address that one's own organisation warns, and whether letters go there."""

    mailbox_id: str
    address: str
    department: str
    asked_at: datetime | None
    asking_failed: str | None
    confirmed_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str | None
    hard_bounces: int


class Mailboxes(BaseModel):
    """All addresses of one's own organisation."""

    items: list[MailboxView]


class BounceTaken(BaseModel):
    """What a report of a mail server came to."""

    outcome: Annotated[
        Literal["recorded", "suspended", "ignored"],
        Field(description="ignored: no report of a failure, or of no letter of ours"),
    ]
