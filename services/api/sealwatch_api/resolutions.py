"""What may be asked about records that were given up or set aside."""

from base64 import b64decode
from binascii import Error as NotBase64
from typing import Annotated, Literal

from pydantic import Field
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

from sealwatch.contracts.base import TEXT_PATTERN, Body, Code, Instant
from sealwatch.contracts.topics import MAX_EVENT_BYTES
from sealwatch_api.forms import Moment, Why
from sealwatch_api.paging import Asked

MOST_AT_ONCE = 100  # letters of one request: 25 MiB of bodies at most; ours
LARGEST_BASE64 = -(-MAX_EVENT_BYTES // 3) * 4
LARGEST_REPLAY_BYTES = LARGEST_BASE64 + 16 * 1024


def _decodable(text: str) -> str:
    try:
        b64decode(text, validate=True)
    except NotBase64 as error:
        raise PydanticCustomError("bad_base64", "must be base64 with padding") from error
    return text


Reason = Annotated[str, Field(min_length=1, max_length=300, pattern=TEXT_PATTERN)]
Base64 = Annotated[str, Field(max_length=LARGEST_BASE64), AfterValidator(_decodable)]
State = Literal["open", "replayed", "dismissed"]


class Dismissal(Body):
    """A record is left as it is, for good."""

    note: Why


class Replay(Body):
    """A letter is sent again: its own bytes, or repaired ones."""

    note: Why
    body: Annotated[
        Base64 | None, Field(description="the repaired bytes of the event in base64; left out: its own")
    ] = None


class ReplayMany(Body):
    """Open letters that meet all filters are sent again, oldest first."""

    note: Why
    error_class: Reason | None = None
    reason: Reason | None = None
    organisation: Code | None = None
    appended_from: Instant | None = None
    appended_to: Instant | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE, description="most letters looked at")] = 50
    cursor: Annotated[str | None, Field(max_length=512, description="`next_cursor` of the answer before")] = (
        None
    )


class AppendedAsked(Asked):
    """Filters that both lists have: whose, why, and from when (inclusive) to when (exclusive)."""

    reason: Reason | None = None
    organisation: Code | None = None
    appended_from: Moment | None = None
    appended_to: Moment | None = None

    @property
    def filters(self) -> dict[str, object]:
        """Return the filters that were given, instants as text."""
        return self.model_dump(mode="json", exclude={"limit", "cursor"}, exclude_none=True)


class LettersAsked(AppendedAsked):
    """Filters of the list of dead letters."""

    state: State | None = None
    error_class: Reason | None = None


class QuarantineAsked(AppendedAsked):
    """Filters of the list of quarantined records."""

    state: Literal["open", "dismissed"] | None = None
