"""What the api answers about endpoints of webhooks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Rotated(BaseModel):
    """A new secret, shown this once, and until when the old one signs beside it."""

    secret: Annotated[str, Field(description="Standard Webhooks secret; not shown again")]
    old_signs_until: datetime


class OwnerNews(BaseModel):
    """What the owner of an endpoint is to be told by e-mail; ``told_at`` once that was done.

    ``failed`` says why the mail server did not take it; with ``next_attempt_at`` it is tried again.
    """

    kind: Literal["endpoint_disabled"]
    reason: str
    contact: str | None
    created_at: datetime
    told_at: datetime | None
    failed: str | None
    next_attempt_at: datetime | None


class EndpointHealth(BaseModel):
    """How an endpoint stands.

    ``failing_seconds`` counts towards the 432,000 (120 hours) after which it is switched off. The
    percentiles are of the answers among its last 1,000 deliveries, in milliseconds.
    """

    subscription_id: str
    state: Annotated[
        Literal["untried", "healthy", "failing", "disabled"], Field(description="by its last attempt")
    ]
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    failing_since: datetime | None
    failures: Annotated[int, Field(description="attempts that failed since the last success")]
    failing_seconds: int
    last_detail: str | None
    disabled_at: datetime | None
    disabled_reason: str | None
    waiting: Annotated[int, Field(description="deliveries that are not concluded")]
    answers: Annotated[int, Field(description="that the percentiles are of")]
    p50_ms: int | None
    p99_ms: int | None
    signing_secrets: Annotated[int, Field(description="2 or more while secrets rotate")]
    owner_news: list[OwnerNews]


class Replays(BaseModel):
    """What is sent again: ``deliveries`` in the order in which they were made."""

    deliveries: int
    first: Annotated[str | None, Field(description="id of the first one")]


class Queued(BaseModel):
    """A delivery that was queued; what becomes of it is at ``/v1/deliveries/{delivery_id}``."""

    delivery_id: str
