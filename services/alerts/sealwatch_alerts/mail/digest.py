"""Letters besides the single warning: many changes in one, and the question to an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sealwatch.risk.policy import Level
from sealwatch_alerts.mail.blocks import Block, Button, Colour, Lead, Note, Rows
from sealwatch_alerts.mail.headers import one_line
from sealwatch_alerts.mail.letter import (
    Envelope,
    Header,
    Page,
    Paper,
    Reader,
    bound,
    footer,
    message_id,
    shown_at,
)
from sealwatch_alerts.mail.warning import LONGEST_NAME
from sealwatch_alerts.mail.words import LANGUAGES, Words

MOST_PRODUCTS = 500  # that a letter lists by name; the rest is counted, and found behind its link; ours
ARROW = " → "


@dataclass(frozen=True, slots=True)
class Listed:
    """One change in a letter of many; levels by their rank."""

    product_id: str
    name: str | None
    sequence: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the links of a letter of many lead; without ``leave`` it cannot be unsubscribed from."""

    acknowledge: str
    everything: str
    leave: str | None = None


def digest_letter(
    told: Sequence[Listed], reader: Reader, paper: Paper, digest: tuple[bytes, datetime], ways: Ways
) -> Envelope:
    """Return one letter of many changes, the gravest products first; ``digest`` is its id and its instant."""
    words = LANGUAGES[reader.language]
    digest_id, at = digest
    gravest = Level(max((one.after for one in told), default=0))
    page = Page(
        _title(told, words, gravest, ways), reader.language, _blocks(told, words, ways), _colour(gravest)
    )
    header = Header(message_id(digest_id, paper.host), at, leave=ways.leave)
    return bound(page, header, reader, paper, footer(words, reader))


def question_letter(
    organisation: str,
    reader: Reader,
    paper: Paper,
    question: tuple[bytes, datetime],
    link: tuple[str, datetime],
) -> Envelope:
    """Return the letter that asks an address whether it wants warnings; ``link`` comes with its end."""
    words = LANGUAGES[reader.language]
    question_id, at = question
    confirm, ends_at = link
    names = {"organisation": one_line(organisation, 80), "department": one_line(reader.department, 80)}
    blocks = (
        Lead(words.leads["confirm"].format(**names)),
        Button(words.buttons["confirm"], confirm),
        Note(words.notes["confirm"].format(ends=shown_at(ends_at))),
    )
    page = Page(words.subjects["confirm"].format(**names), reader.language, blocks)
    return bound(page, Header(message_id(question_id, paper.host), at), reader, paper, footer(words, reader))


def _title(told: Sequence[Listed], words: Words, gravest: Level, ways: Ways) -> str:
    kind = "digest" if ways.leave else "storm"
    products = len({one.product_id for one in told})
    return words.subjects[kind].format(count=len(told), products=products, level=words.levels[gravest])


def _blocks(told: Sequence[Listed], words: Words, ways: Ways) -> tuple[Block, ...]:
    walks = _walks(told)
    rows = tuple((_label(walk[-1]), _path(walk, words)) for walk in walks[:MOST_PRODUCTS])
    left = len(walks) - len(rows)
    more = (Note(words.notes["more"].format(count=left)),) if left else ()
    leave = (Button(words.buttons["unsubscribe"], ways.leave, quiet=True),) if ways.leave else ()
    return (
        Lead(words.leads["digest" if ways.leave else "storm"]),
        Rows(rows),
        *more,
        Button(words.buttons["acknowledge"], ways.acknowledge),
        Note(words.notes["acknowledge"]),
        Button(words.buttons["everything"], ways.everything, quiet=True),
        *(leave or (Note(words.notes["duty"]),)),
    )


def _walks(told: Sequence[Listed]) -> list[list[Listed]]:
    """Return the changes of each product in order, the product with the gravest of them first."""
    in_order = sorted(told, key=lambda one: (one.product_id, one.sequence))
    walks = [list(changes) for _, changes in groupby(in_order, key=lambda one: one.product_id)]
    return sorted(walks, key=lambda walk: (-max(one.after for one in walk), walk[0].product_id))


def _path(walk: Sequence[Listed], words: Words) -> str:
    """Return every level that a product went through, and the numbers of its changes."""
    steps = [words.short[walk[0].before]]
    for earlier, one in zip([walk[0], *walk], walk, strict=False):
        if one is not walk[0] and one.before != earlier.after:
            steps.append(f"… {words.short[one.before]}")
        steps.append(words.short[one.after])
    first, last = walk[0].sequence, walk[-1].sequence
    numbers = str(first) if first == last else f"{first}-{last}"
    return f"{ARROW.join(steps)} ({words.rows['number']}{words.colon}{numbers})"


def _label(one: Listed) -> str:
    name = one_line(one.name or "", LONGEST_NAME)
    return f"{name} ({one.product_id})" if name else one.product_id


def _colour(level: Level) -> Colour:
    return Colour[level.word.upper()]
