"""Letters besides the single warning: the digest of what was gathered, and the question to an address."""

from collections.abc import Sequence
from datetime import datetime

from sealwatch_alerts.mail.blocks import Block, Button, Colour, Lead, Note, Table
from sealwatch_alerts.mail.headers import one_line
from sealwatch_alerts.mail.letter import (
    Envelope,
    Header,
    Page,
    Paper,
    Reader,
    bound,
    footer,
    index_of,
    message_id,
    shown_at,
)
from sealwatch_alerts.mail.warning import Warned
from sealwatch_alerts.mail.words import LANGUAGES, Words

MOST_LISTED = 500  # changes a digest lists; what is beyond goes into the next one; ours


def digest_letter(
    told: Sequence[Warned], reader: Reader, paper: Paper, digest: tuple[bytes, datetime], leave: str
) -> Envelope:
    """Return one letter of many changes by product, newest first; ``digest`` is its id and its instant."""
    words = LANGUAGES[reader.language]
    digest_id, at = digest
    products = sorted({one.product_id for one in told})
    name = "digest_one" if len(told) == 1 else "digest"
    title = words.subjects[name].format(count=len(told), products=len(products))
    tables = [_table([one for one in told if one.product_id == product], words) for product in products]
    blocks: tuple[Block, ...] = (
        Lead(words.leads["digest"]),
        *tables,
        Button(words.buttons["unsubscribe"], leave, quiet=True),
    )
    gravest = max(told, key=lambda one: one.after).after if told else None
    page = Page(title, reader.language, blocks, Colour[gravest.word.upper()] if gravest else Colour.PLAIN)
    header = Header(message_id(digest_id, paper.host), at, leave=leave)
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


def _table(told: Sequence[Warned], words: Words) -> Table:
    newest = sorted(told, key=lambda one: -one.sequence)
    rows = tuple((shown_at(one.changed_at), _line(one, words)) for one in newest)
    return Table(newest[0].product, rows)


def _line(one: Warned, words: Words) -> str:
    levels = f"{words.levels[one.before]} → {words.levels[one.after]}"
    return f"{levels}{words.joint}{words.rows['index']}{words.colon}{index_of(one, words)}"
