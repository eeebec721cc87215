"""What the bodies at the door share: strict types, ids, instants. A published field never changes."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # the landmark of the decay (docs/risk-model.md)
HIDDEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
ID_PATTERN = rf"^[^\s{HIDDEN}]([^{HIDDEN}]*[^\s{HIDDEN}])?$"
NO_INSTANT = "must be RFC 3339 with date, time and offset"
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


def _instant(value: object) -> datetime:
    """Return the UTC instant; RFC 3339 with an offset and nothing else."""
    if not isinstance(value, str):
        raise PydanticCustomError("bad_timestamp", NO_INSTANT)
    return _instant_of(value)


@lru_cache(4096)
def _instant_of(value: str) -> datetime:
    """Return the instant; what a body says twice, or many bodies say, is looked at once."""
    if not (form := RFC3339.fullmatch(value)):
        raise PydanticCustomError("bad_timestamp", NO_INSTANT)
    if not form[2]:
        raise PydanticCustomError("timestamp_needs_offset", "must have an offset, such as Z")
    try:
        instant = datetime.fromisoformat(value).astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise PydanticCustomError("bad_timestamp", "is not a real instant") from error
    if instant < EARLIEST:
        raise PydanticCustomError("bad_timestamp", "lies before 2000-01-01T00:00:00Z")
    return instant


def in_nfc(text: str) -> str:
    """Return the text in its composed normal form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


Instant = Annotated[
    datetime,
    PlainValidator(_instant, json_schema_input_type=str),
    Field(description="RFC 3339 with an offset, stored in UTC"),
]
ProductId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="the centre's id")]
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=ID_PATTERN), AfterValidator(in_nfc)]
Code = Annotated[str, Field(min_length=1, max_length=64, pattern=ID_PATTERN), AfterValidator(in_nfc)]
Text = Annotated[str, Field(max_length=2000, pattern=TEXT_PATTERN), AfterValidator(in_nfc)]
Name = Annotated[str, Field(min_length=1, max_length=300, pattern=TEXT_PATTERN), AfterValidator(in_nfc)]
Region = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{2,12}$", description="GB/T 2260 or ISO 3166 code")]
Quantity = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]
Factor = Annotated[
    str,
    Field(pattern=r"^[A-Z]{3,4}$", description="code of the factor catalogue, such as COPY"),
]


class Body(BaseModel):
    """Any part of a posted body; an unknown field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Posted(Body):
    """What every posted event says of itself."""

    event_id: Annotated[Id, Field(description="the sender's own id: the same id is the same event")]
    product_id: ProductId


def uid_of(organisation: str, source: str, event_id: str) -> bytes:
    """Return the 16 bytes that name an event for ever, so that a retry is free.

    The first 16 bytes of SHA-256 over the length-prefixed UTF-8 of the three parts.
    """
    return derived_uid(organisation, source, event_id)


@lru_cache(1024)
def uids_of(organisation: str, source: str) -> Callable[[str], bytes]:
    """Return ``uid_of`` for one sender; what its events share is hashed once."""
    begun = sha256()
    for part in (organisation, source):
        begun.update(_measured(part))

    def uid(event_id: str) -> bytes:
        hashed = begun.copy()
        hashed.update(_measured(event_id))
        return hashed.digest()[:16]

    return uid


def derived_uid(*parts: str) -> bytes:
    """Return the same 16 bytes for the same parts; ("a", "bc") is not ("ab", "c")."""
    hashed = sha256()
    for part in parts:
        hashed.update(_measured(part))
    return hashed.digest()[:16]


def _measured(part: str) -> bytes:
    raw = in_nfc(part).encode()
    return len(raw).to_bytes(4, "big") + raw


def parsed_uid(text: str) -> bytes:
    """Return the bytes of 32 hex digits, or raise ValueError."""
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise ValueError("not a uid")
    return bytes.fromhex(text)
