"""What is kept of a record that could not be processed; pure, and it can fail on no record."""

import re
import traceback
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sealwatch.contracts.base import derived_uid, parsed_uid
from sealwatch.contracts.codec import Headers, Received, Record, packed_headers
from sealwatch.contracts.topics import DEAD_LETTERS

LARGEST_COPY = 256 * 1024  # a larger record is named, not copied (docs/promises.md, E-9)
LETTER_COLUMNS = {
    "letter_id": "bytea", "topic": "text", "partition": "int", '"offset"': "bigint",
    "appended": "timestamptz", "key": "bytea", "headers": "bytea", "body": "bytea", "size": "bigint",
    "error_class": "text", "reason": "text", "uid": "bytea", "organisation": "text", "source": "text",
}  # fmt: skip
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,64}")


class Said(NamedTuple):
    """What the headers of a record say of its sender, where they can be believed."""

    uid: bytes | None
    organisation: str | None
    source: str | None


def letter_id(record: Received) -> bytes:
    """Return the id of the letter of a record: the same however often it is read."""
    place = (record.topic, str(record.partition), str(record.offset), str(record.appended_ms))
    return derived_uid("dead_letter", *place)


def copied(record: Received) -> bytes | None:
    """Return the bytes of a record if they are few enough to be copied."""
    small = record.value is not None and len(record.value) <= LARGEST_COPY
    return record.value if small else None


def whole(headers: Headers) -> tuple[tuple[str, bytes], ...]:
    """Return headers as we keep them: Kafka allows a null where we want bytes."""
    return tuple((name, value or b"") for name, value in headers)


def said_by(headers: Headers) -> Said:
    """Return what the headers say of the sender."""
    said = dict(whole(headers))
    return Said(
        _uid(said.get("ce_id", b"")),
        _name(said.get("ce_organisation", b"")),
        _name(said.get("ce_sourceid", b"")),
    )


def fault_of(error: BaseException) -> str:
    """Return the kind of an exception with a hash of where it was raised (docs/promises.md, E-13).

    The same fault has the same hash on every machine of one release; no text of the record is in it.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = "\n".join(f"{frame.name}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} {sha256(where.encode()).hexdigest()[:12]}"


def letter_row(record: Received, error_class: str, reason: str) -> tuple[Any, ...]:
    """Return the row of a letter, in the order of ``LETTER_COLUMNS``."""
    said = said_by(record.headers)
    return (
        letter_id(record),
        record.topic,
        record.partition,
        record.offset,
        datetime.fromtimestamp(record.appended_ms / 1000, UTC),
        record.key,
        packed_headers(whole(record.headers)),
        copied(record),
        len(record.value or b""),
        error_class,
        reason,
        said.uid,
        said.organisation,
        said.source,
    )


def letter_of(record: Received, error_class: str, reason: str) -> Record:
    """Return the dead letter of a record: its bytes if they are few, its address always."""
    said = {
        "reason": reason,
        "error_class": error_class,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
    }
    own = tuple((f"sealwatch_{name}", text.encode()) for name, text in said.items())
    return Record(DEAD_LETTERS.name, record.key or b"", copied(record), (*whole(record.headers), *own))


def _uid(raw: bytes) -> bytes | None:
    try:
        return parsed_uid(raw.decode())
    except ValueError:
        return None


def _name(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except ValueError:
        return None
    return text if _NAME.fullmatch(text) else None
