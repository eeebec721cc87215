"""What the api answers about who is told and why."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from sealwatch.contracts.risk import LevelWord

Outcome = Literal["tell", "quiet"]


class Department(BaseModel):
    """A department, and the office above it."""

    department_id: str
    name: str
    parent_id: str | None
    created_at: datetime


class Rules(BaseModel):
    """The rules of an organisation; without ``recorded_at`` they are the usual ones."""

    window_seconds: int
    most_messages: int
    repeat_seconds: int
    inhibit_products: int
    inhibit_seconds: int
    silence_products: int
    recorded_at: datetime | None = None
    recorded_by: str | None = None


class Silence(BaseModel):
    """What is kept quiet on a person's word.

    It acts from ``starts_at`` to ``expires_at``, unless it ended before; one that matched more products
    than ``most_products`` acts only once somebody else has approved it, and one that did not stops
    when it has silenced more than that: ``silenced_products``.
    """

    silence_id: str
    department_id: str | None
    categories: list[str]
    regions: list[str]
    enterprises: list[str]
    factors: list[str]
    products: list[str]
    reason: str
    owner: str
    state: Literal["awaits_approval", "due", "active", "expired", "ended"]
    starts_at: datetime
    expires_at: datetime
    created_at: datetime
    matched_products: int
    most_products: int
    silenced_products: int
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None


class Decision(BaseModel):
    """Whether a subscription was told of a notice, and why.

    ``cause`` is what the change is to this reader, ``rule_id`` the silence, or the notice of the
    enterprise, that kept it quiet, ``delivery_id`` the message that carries it.
    """

    notice_id: str
    subscription_id: str
    office: str
    product_id: str
    sequence: int
    before: LevelWord
    after: LevelWord
    enterprise_id: str | None
    outcome: Outcome
    reason: str
    cause: str
    rule_id: str | None
    delivery_id: str | None
    decided_at: datetime


class Answer(BaseModel):
    """What one subscription would get; ``not_asked`` where its own ``reason`` list or kind leaves it out."""

    subscription_id: str
    office: str
    channel: str
    outcome: Literal["tell", "quiet", "not_asked"]
    reason: str
    cause: str | None = None
    rule_id: str | None = None
    grouped: bool = False
    due_at: datetime | None = None


class DryRunAnswer(BaseModel):
    """Who would get a change now, and why the others would not."""

    decision: Outcome
    reason: Annotated[str, Field(description="why the change is news or not, whoever may hear of it")]
    answers: list[Answer]


class ActionAnswer(BaseModel):
    """What an organisation did about an action."""

    organisation_id: str
    done_at: datetime
    done_by: str
    follow_up: str


class Action(BaseModel):
    """One thing to be done because a product reached a level.

    ``state``, ``done_at``, ``done_by`` and ``follow_up`` are of one's own organisation; ``answers``
    are of all for a key with ``actions:centre``, else of one's own.
    """

    action_id: str
    notice_id: str
    product_id: str
    sequence: int
    risk_level: LevelWord
    position: int
    action: str
    owner: str
    deadline: str
    due_at: datetime | None
    policy_version: str
    reached_at: datetime
    state: Literal["open", "overdue", "done"]
    done_at: datetime | None
    done_by: str | None
    follow_up: str | None
    answers: list[ActionAnswer]


class Deed(BaseModel):
    """Who changed what, and when."""

    audit_id: int
    acted_at: datetime
    acted_by: str
    key_id: str
    action: str
    subject: str
    detail: dict[str, Any]
