"""The letter to whoever looks after endpoints: which were switched off, why, and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sealwatch_alerts.mail.blocks import Block, Lead, Note, Rows
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
from sealwatch_alerts.mail.words import LANGUAGES, Words

MOST_ENDPOINTS = 100  # that a letter names; the rest is counted; ours
LONGEST_DEPARTMENT = 80


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """An endpoint that is told nothing any longer; ``subscription_id`` in hexadecimal."""

    subscription_id: str
    department: str
    url: str
    reason: str
    at: datetime


def switched_off_letter(
    endpoints: Sequence[SwitchedOff],
    contact: str,
    language: str,
    paper: Paper,
    letter: tuple[bytes, datetime],
) -> Envelope:
    """Return one letter about endpoints; ``letter`` is its id and the instant of the attempt."""
    words = LANGUAGES[language]
    letter_id, at = letter
    reader = Reader(contact, endpoints[0].department, language)
    page = Page(_title(endpoints, words), language, _blocks(endpoints, words))
    return bound(page, Header(message_id(letter_id, paper.host), at), reader, paper, footer(words, reader))


def _title(endpoints: Sequence[SwitchedOff], words: Words) -> str:
    if len(endpoints) > 1:
        return words.subjects["switched_off_many"].format(count=len(endpoints))
    return words.subjects["switched_off"].format(
        department=one_line(endpoints[0].department, LONGEST_DEPARTMENT)
    )


def _blocks(endpoints: Sequence[SwitchedOff], words: Words) -> tuple[Block, ...]:
    named = endpoints[:MOST_ENDPOINTS]
    left = len(endpoints) - len(named)
    more = (Note(words.notes["more_endpoints"].format(count=left)),) if left else ()
    return (
        Lead(words.leads["switched_off"]),
        *(Rows(_rows(one, words)) for one in named),
        *more,
        Note(words.notes["switched_off"]),
    )


def _rows(one: SwitchedOff, words: Words) -> tuple[tuple[str, str], ...]:
    """Return what is said of an endpoint: of its address the host only, since the rest may be a secret."""
    rows = {
        "department": one_line(one.department, LONGEST_DEPARTMENT),
        "endpoint": one_line(urlsplit(one.url).hostname or one.url),
        "subscription": one.subscription_id,
        "reason": _reason(one.reason, words),
        "switched_off": shown_at(one.at),
    }
    return tuple((words.rows[name], value) for name, value in rows.items())


def _reason(reason: str, words: Words) -> str:
    for beginning, said in words.reasons.items():
        if reason.startswith(beginning):
            return said
    return one_line(reason)
