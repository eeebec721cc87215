"""Bodies and answers about what the public is told."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import Body, Instant, Text
from sealwatch_api.forms import HexId, Why

Headline = Annotated[Text, Field(min_length=1, max_length=160, pattern=r"\S", description="one line")]
Said = Annotated[Text, Field(min_length=1, pattern=r"\S")]


class PublicText(Body):
    """What a message says in one language."""

    headline: Headline
    description: Said
    instruction: Annotated[Said, Field(description="what readers should do")]
    area: Annotated[Headline, Field(description="where it holds, in words")]
    consequences: Annotated[Text, Field(description="what may follow from the risk")] = ""


class PublicTexts(Body):
    """The same message in both languages."""

    zh: PublicText
    en: PublicText


class NewRelease(Body):
    """A message to be released by somebody else; one that ``corrects`` another becomes its update."""

    notice_id: HexId
    texts: PublicTexts
    expires_at: Annotated[Instant, Field(description="within 366 days; RFC 3339 with an offset")]
    corrects: Annotated[HexId | None, Field(description="any released message of the series")] = None
    drill: Annotated[bool, Field(description="an exercise: told as Test, and says so")] = False


class Reasons(Body):
    """Why a message is withdrawn, in both languages."""

    zh: Why
    en: Why

    @model_validator(mode="after")
    def _fits_the_note(self) -> Self:
        if len(self.zh) + len(self.en) > 2_000:  # noqa: PLR2004  # as long as one text; ours
            raise PydanticCustomError("too_long", "2,000 characters together")
        return self


class Recall(Body):
    """The word that takes a message back at once."""

    reason: Reasons


class Release(BaseModel):
    """A draft or a message; ``references`` counts the earlier messages that it names."""

    release_id: str
    series_id: str
    notice_id: str
    msg_type: Literal["Alert", "Update", "Cancel"]
    status: Literal["Actual", "Test"]
    state: Literal["draft", "discarded", "released"]
    texts: dict[str, PublicText]
    expires_at: datetime
    drafted_by: str
    drafted_at: datetime
    released_by: str | None
    released_at: datetime | None
    number: Annotated[int | None, Field(description="its place in the feed")]
    address: Annotated[str | None, Field(description="where everybody reads it")]
