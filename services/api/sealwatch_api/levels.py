"""Levels as they are shown: the model's, and the one in force where a person's word covers it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, cast

from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.overrides import GradedWord
from sealwatch.contracts.risk import LevelWord
from sealwatch.risk.floors import Clause
from sealwatch.risk.policy import Level
from sealwatch.scoring.product import Product as Covered


class Floor(BaseModel):
    """A clause of a compulsory national standard that was failed and has passed no later sample."""

    standard: str
    indicator: str


class OverrideWord(BaseModel):
    """What a named person said of a product's level; ``uid`` is that of the event that told the log of it.

    Without a level it takes the word before back.
    """

    revision: int
    level: GradedWord | None
    reason: str
    expires_at: datetime | None
    before: Annotated[LevelWord, Field(description="the level in force when it was said")]
    recorded_at: datetime
    recorded_by: Annotated[str, Field(description="organisation/source")]
    uid: str


class Override(BaseModel):
    """The word that covers the model's level; ``in_force`` is false once it has expired.

    Who said it and why is empty only where the log was read into another registry.
    """

    revision: int
    level: LevelWord
    expires_at: datetime
    in_force: bool
    reason: str | None
    recorded_at: datetime | None
    recorded_by: str | None
    uid: str


def word(level: int) -> LevelWord:
    """Return a level by its name."""
    return cast("LevelWord", Level(level).word)


def rank(level: str) -> int:
    """Return a level by its number, as the tables keep it."""
    return int(Level[level.upper()])


def floors_of(clauses: Iterable[Clause]) -> list[Floor]:
    """Return open floors as they are shown."""
    return [Floor(standard=standard, indicator=indicator) for standard, indicator in clauses]


def level_in_force(row: RowMapping, now: datetime) -> Level:
    """Return the level of a state's row: a person's word until its end, else the model's."""
    until = row["override_until"]
    covered = until is not None and until > now
    return Level((row["override_level"] if covered else row["level"]) or 0)


def uid_of_word(product_id: str, revision: int) -> bytes:
    """Return the uid of a word on a product's level: its receipt tells when it was scored."""
    return derived_uid("level.overridden", product_id, str(revision))


def word_of(row: RowMapping) -> OverrideWord:
    """Return a word on a product's level as it was recorded."""
    level = row["level"]
    return OverrideWord(
        revision=row["revision"],
        level=None if level is None else cast("GradedWord", word(level)),
        reason=row["reason"],
        expires_at=row["expires_at"],
        before=word(row["before_level"]),
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        uid=uid_of_word(row["product_id"], row["revision"]).hex(),
    )


def override_of(row: RowMapping, now: datetime) -> Override | None:
    """Return the word that covers the level of a state's row, and whether it has expired."""
    until = row["override_until"]
    if until is None:
        return None
    said = {name: row[f"override_{name}"] for name in ("reason", "recorded_at", "recorded_by")}
    words = Words(row["product_id"], row["override_revision"], said)
    return _override(words, row["override_level"], until, now)


def past_override_of(product: Covered, said: RowMapping | None, as_of: datetime) -> Override | None:
    """Return the word that covered the level of a product as it was known at an instant."""
    if product.override is None:
        return None
    until = datetime.fromtimestamp(product.override.until, UTC)
    words = Words(product.product_id, product.override_revision, said or {})
    return _override(words, product.override.level, until, as_of)


class Words(NamedTuple):
    """What the registry knows of a word on a product's level."""

    product_id: str
    revision: int
    said: Mapping[str, Any] | RowMapping


def _override(words: Words, level: int, until: datetime, now: datetime) -> Override:
    return Override(
        revision=words.revision,
        level=word(level),
        expires_at=until,
        in_force=until > now,
        reason=words.said.get("reason"),
        recorded_at=words.said.get("recorded_at"),
        recorded_by=words.said.get("recorded_by"),
        uid=uid_of_word(words.product_id, words.revision).hex(),
    )
