"""What a letter is made of; text and HTML are two ways to write it down."""

from dataclasses import dataclass
from enum import Enum


class Colour(Enum):
    """The colour of a level's band: background and writing, contrast at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

    PLAIN = ("#37474f", "#ffffff")
    NOT_ASSESSED = ("#616161", "#ffffff")
    LOW = ("#1565c0", "#ffffff")
    MEDIUM = ("#ffd54f", "#212121")
    HIGH = ("#ff9100", "#212121")
    SERIOUS = ("#b71c1c", "#ffffff")


@dataclass(frozen=True, slots=True)
class Lead:
    """The sentence that says it all."""

    said: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Names with what they are."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a heading."""

    heading: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Button:
    """A link to follow; a quiet one is beside the point of the letter."""

    label: str
    url: str
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Small print."""

    said: str


Block = Lead | Rows | Table | Button | Note
