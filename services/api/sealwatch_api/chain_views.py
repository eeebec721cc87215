"""What the api answers of chains: how far a warning has come with each of those who were told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from sealwatch.contracts.risk import LevelWord
from sealwatch_api.views import Acknowledgement

ChainState = Literal["raised", "sent", "delivered", "acknowledged", "acted"]


class ChainLink(BaseModel):
    """A notice as one subscription was told of it; ``state`` is the furthest that it has come.

    Seen and acted upon is what an office has, by whichever of its subscriptions it said so.
    """

    notice_id: str
    subscription_id: str
    delivery_id: str
    office: str
    product_id: str
    sequence: int
    before: LevelWord
    after: LevelWord
    reason: str
    state: ChainState
    delivery: Annotated[
        Literal["pending", "delivered", "dead", "cancelled"], Field(description="of the delivery itself")
    ]
    failures: int
    steps: Annotated[int, Field(description="reminders and escalations that were sent about it")]
    raised_at: datetime
    decided_at: datetime
    sent_at: Annotated[datetime | None, Field(description="first attempt")]
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    acted_at: Annotated[
        datetime | None, Field(description="first answer of the office, or all actions of the notice done")
    ]


class ChainStep(BaseModel):
    """A reminder, or an office above that was told because ``office`` had not acknowledged."""

    office: str
    step: int
    kind: Literal["reminder", "escalated", "unreachable"]
    to_office: str
    made_at: datetime
    deliveries: list[str]


class ChainWatch(BaseModel):
    """Whether an office is still to acknowledge, when the next step is due, or why none is."""

    office: str
    next_at: datetime | None
    ended: Literal["acknowledged", "overtaken", "top_was_told"] | None
    ended_at: datetime | None


class ChainAction(BaseModel):
    """What the level asks for, and what was done."""

    action_id: str
    action: str
    owner: str
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    follow_up: str | None


class Chain(BaseModel):
    """A notice with all that followed from it for one's own organisation, as of one instant."""

    notice_id: str
    product_id: str
    sequence: int
    before: LevelWord
    after: LevelWord
    decision: Literal["tell", "quiet"]
    reason: str
    state: Annotated[ChainState, Field(description="the least that any of the offices told has come to")]
    raised_at: datetime
    heard_at: datetime
    links: list[ChainLink]
    watches: list[ChainWatch]
    steps: list[ChainStep]
    acknowledgements: list[Acknowledgement]
    actions: list[ChainAction]
