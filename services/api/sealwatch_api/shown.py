"""How records that were given up or set aside are shown: text where it can be read, bytes always."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from sealwatch.contracts.codec import unpacked_headers

PLAIN_CONTROLS = str.maketrans("", "", "\t\r\n")


class Bytes(BaseModel):
    """Original bytes."""

    text: Annotated[str | None, Field(description="the same as text, where it is printable UTF-8")]
    base64: str


class Header(BaseModel):
    """One header of a record; a name may come twice, the last one counts."""

    name: str
    value: Bytes


class Resolved(BaseModel):
    """What was done about a record, by whom and why."""

    resolved_at: datetime | None
    resolved_by: str | None
    note: str | None


class Letter(Resolved):
    """A dead letter: a record that could not be scored, and why."""

    letter_id: str
    topic: str
    partition: int
    offset: int
    appended_at: datetime
    size: int
    error_class: str
    reason: str
    uid: Annotated[str | None, Field(description="of the event, where the headers say it")]
    organisation: str | None
    source: str | None
    state: Literal["open", "replayed", "dismissed"]
    replay_uid: Annotated[
        str | None, Field(description="the uid under which it was sent again: its receipt tells the rest")
    ]


class LetterInFull(Letter):
    """A dead letter with its original bytes; ``body`` is null where none came or it was too large to copy."""

    key: Bytes | None
    headers: list[Header]
    body: Bytes | None
    repaired_body: Bytes | None


class Quarantined(Resolved):
    """A record that contradicts what stands under its id, or cannot be applied."""

    quarantine_id: int
    uid: str
    product_id: str
    organisation: str
    reason: str
    partition: int
    offset: int
    appended_at: datetime
    state: Literal["open", "dismissed"]


class QuarantinedInFull(Quarantined):
    """A quarantined record with its original bytes, and those that stand under the same uid."""

    headers: list[Header]
    body: Bytes
    stands: Annotated[Bytes | None, Field(description="the body that was scored under this uid, if any")]


class RefusedLetter(BaseModel):
    """A letter that could not be sent again, and why; it stays open."""

    letter_id: str
    code: str


class ReplayedMany(BaseModel):
    """What became of the letters of one request; with ``next_cursor`` there are more to look at."""

    replayed: list[str]
    refused: list[RefusedLetter]
    next_cursor: str | None


def letter_of(row: RowMapping) -> Letter:
    """Return a letter as a list shows it."""
    return Letter.model_validate(_letter(row))


def letter_in_full(row: RowMapping) -> LetterInFull:
    """Return a letter with its bytes."""
    raw = {name: _perhaps(row[name]) for name in ("key", "body", "repaired_body")}
    return LetterInFull.model_validate({**_letter(row), **raw, "headers": headers_of(row["headers"])})


def quarantined_of(row: RowMapping) -> Quarantined:
    """Return a quarantined record as a list shows it."""
    return Quarantined.model_validate({**row, "uid": row["uid"].hex()})


def quarantined_in_full(row: RowMapping, stands: bytes | None) -> QuarantinedInFull:
    """Return a quarantined record with its bytes, and those that stand under its uid."""
    raw = {"body": bytes_of(row["body"]), "stands": _perhaps(stands)}
    return QuarantinedInFull.model_validate(
        {**row, **raw, "uid": row["uid"].hex(), "headers": headers_of(row["headers"])}
    )


def headers_of(packed: bytes) -> Sequence[Header]:
    """Return the headers of a kept record."""
    return [Header(name=name, value=bytes_of(value)) for name, value in unpacked_headers(packed)]


def bytes_of(raw: bytes) -> Bytes:
    """Return bytes with their text, where a person can read it."""
    return Bytes(text=_readable(raw), base64=b64encode(raw).decode())


def _readable(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if text.translate(PLAIN_CONTROLS).isprintable() else None


def _perhaps(raw: bytes | None) -> Bytes | None:
    return None if raw is None else bytes_of(raw)


def _letter(row: RowMapping) -> dict[str, object]:
    ids = {name: row[name].hex() if row[name] else None for name in ("letter_id", "uid", "replay_uid")}
    return {**row, **ids}
