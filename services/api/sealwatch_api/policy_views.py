"""What the api answers about policy versions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field


class Policy(BaseModel):
    """A version as it is listed; ``publication`` is its place in the order of publishing."""

    version: str
    state: Literal["draft", "published", "withdrawn"]
    effective_from: Annotated[date, Field(description="first day that is scored with it, 00:00 UTC")]
    digest: Annotated[str, Field(description="SHA-256 of the canonical document")]
    author: Annotated[str, Field(description="organisation/source of the key that drafted it")]
    created_at: datetime
    published_by: str | None
    published_at: datetime | None
    publication: int | None


class Deed(BaseModel):
    """What somebody did with a version."""

    action: Literal["drafted", "published", "withdrawn"]
    acted_by: str
    key_id: str
    acted_at: datetime
    digest: str
    note: str


class Spot(BaseModel):
    """A place in a document, and what is to be said of it."""

    path: str
    reason: str


class PolicyInFull(Policy):
    """A version with its document, and what a second person has to know before publishing it."""

    follows: Annotated[str, Field(description="the version in force the day before it takes effect")]
    rescoring: Annotated[
        list[Spot], Field(description="changes that no sweep adopts: everything must be scored anew first")
    ]
    ours: Annotated[list[str], Field(description="paths of the numbers that no published source gives")]
    actions: list[Deed]
    document: Mapping[str, Any]


class Difference(BaseModel):
    """What two versions have at one path; null where a document has nothing there."""

    path: str
    old: Any
    new: Any
    effect: Annotated[
        Literal["rescoring", "sweep", "described", "text"],
        Field(
            description="taken on by scoring anew, at the sweep before its first day, by products described "
            "from then on, or read only"
        ),
    ]


class Differences(BaseModel):
    """All differences of two documents."""

    old: str
    new: str
    needs_rescoring: bool
    items: list[Difference]
