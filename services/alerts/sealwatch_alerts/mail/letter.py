"""From a level change to the letter that tells of it; the same at every attempt but for its date.

Time zone: instants are shown in China Standard Time with their offset, as the departments read them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime

from sealwatch.contracts.base import derived_uid
from sealwatch.risk.policy import Level
from sealwatch_alerts.mail.blocks import Block, Button, Colour, Lead, Note, Rows, Table
from sealwatch_alerts.mail.headers import one_line, put, sealed
from sealwatch_alerts.mail.html import in_html
from sealwatch_alerts.mail.text import in_text
from sealwatch_alerts.mail.warning import Warned
from sealwatch_alerts.mail.words import LANGUAGES, Words, factor_name, policy_phrase

CHINA = timezone(timedelta(hours=8), "CST")
LONGEST_PRODUCT = 80  # of a subject: the action after it must still be seen
LONGEST_ACTION = 60


@dataclass(frozen=True, slots=True)
class Reader:
    """To whom a letter goes, and in which language."""

    address: str
    department: str
    language: str


@dataclass(frozen=True, slots=True)
class Paper:
    """What all letters of an installation share: the sender and the host that their ids name."""

    sender: str
    host: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the mail server is told, and the letter."""

    message_id: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A letter in words, before it is text and HTML."""

    title: str
    language: str
    blocks: tuple[Block, ...]
    colour: Colour = Colour.PLAIN


@dataclass(frozen=True, slots=True)
class Header:
    """The part of a header that differs: id, date, thread, and how to leave."""

    message_id: str
    at: datetime
    thread: str | None = None
    leave: str | None = None
    more: dict[str, str] = field(default_factory=dict)


def message_id(subject: bytes, host: str) -> str:
    """Return the Message-ID of a delivery, a digest or a question: its id, so the same at every attempt."""
    return f"<{subject.hex()}@{host}>"


def thread_of(address: str, product_id: str, host: str) -> str:
    """Return the id that all letters about a product to an address refer to; no letter has it itself."""
    return f"<thread.{derived_uid('thread', address, product_id).hex()}@{host}>"


def warning_letter(
    told: Warned,
    reader: Reader,
    paper: Paper,
    delivery: tuple[bytes, datetime],
    links: tuple[str, str | None],
) -> Envelope:
    """Return the letter that tells of one change.

    ``delivery`` is its id and the instant of the attempt; ``links`` lead to the acknowledgement, and
    to the details if there are any.
    """
    delivery_id, at = delivery
    words = LANGUAGES[reader.language]
    page = Page(
        subject_of(told, reader.language), reader.language, _blocks(told, reader, links), _colour(told)
    )
    header = Header(
        message_id(delivery_id, paper.host),
        at,
        thread=thread_of(reader.address, told.product_id, paper.host),
        more=_urgency(told.after),
    )
    return bound(page, header, reader, paper, footer(words, reader))


def subject_of(told: Warned, language: str) -> str:
    """Return the subject: level, product and the first thing to do."""
    words = LANGUAGES[language]
    action = policy_phrase(told.actions[0], language) if told.actions else words.subjects["none"]
    again = words.subjects["unacknowledged"] if told.unacknowledged_by else ""
    return again + words.subjects[told.reason].format(
        level=words.levels[told.after],
        product=one_line(told.product, LONGEST_PRODUCT),
        action=one_line(action, LONGEST_ACTION),
    )


def footer(words: Words, reader: Reader) -> Note:
    """Return the last line of every letter."""
    return Note(words.notes["footer"].format(department=one_line(reader.department)))


def bound(page: Page, header: Header, reader: Reader, paper: Paper, last: Note) -> Envelope:
    """Return a page as the letter that goes out: text and HTML, and headers that were all looked at."""
    message = EmailMessage()
    blocks = (*page.blocks, last)
    message.set_content(in_text(page.title, blocks, LANGUAGES[page.language]), cte="base64")
    written = in_html(page.title, blocks, page.language, page.colour)
    message.add_alternative(written, subtype="html", cte="base64")
    message.set_boundary(f"--{_stem(header.message_id)}--")  # no line of base64 begins like it
    values = _headers(page, header, reader, paper)  # after the content, which drops Content-Language
    for name, value in values.items():
        put(message, name, value)
    names = (*values, "MIME-Version", "Content-Type")
    return Envelope(header.message_id, reader.address, sealed(message, names))


def shown_at(at: datetime) -> str:
    """Return an instant as it is read in China."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S UTC+08:00")


def _stem(message_id: str) -> str:
    return message_id.strip("<>").partition("@")[0]


def _headers(page: Page, header: Header, reader: Reader, paper: Paper) -> dict[str, str]:
    values = {
        "From": paper.sender,
        "To": reader.address,
        "Subject": one_line(page.title),
        "Date": format_datetime(header.at),
        "Message-ID": header.message_id,
        "Auto-Submitted": "auto-generated",  # RFC 3834, 5: nobody answers a machine by machine
        "X-Auto-Response-Suppress": "All",  # the same for Exchange, which predates it
        "Content-Language": page.language,
    }
    if header.thread:
        values |= {"In-Reply-To": header.thread, "References": header.thread}
    if header.leave:  # RFC 8058: a POST to this address unsubscribes, a GET shows a page
        values |= {"List-Unsubscribe": f"<{header.leave}>"}
        values |= {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return values | header.more


def _urgency(level: Level) -> dict[str, str]:
    return {"Importance": "high"} if level is Level.SERIOUS else {}


def after_all(told: Warned) -> Level:
    """Return the newest level of the product that is known when the letter is written."""
    return told.after if told.level_now is None else told.level_now


def _colour(told: Warned) -> Colour:
    return Colour[told.after.word.upper()]


def _blocks(told: Warned, reader: Reader, links: tuple[str, str | None]) -> tuple[Block, ...]:
    words = LANGUAGES[reader.language]
    before, after = words.levels[told.before], words.levels[told.after]
    lead = words.leads[told.reason].format(product=told.product, before=before, after=after)
    acknowledge, details = links
    more = (Button(words.buttons["details"], details, quiet=True),) if details else ()
    office = one_line(told.unacknowledged_by, LONGEST_PRODUCT)
    now = words.levels[after_all(told)]
    again = (Lead(words.leads["unacknowledged"].format(office=office, now=now)),) if office else ()
    return (
        *again,
        Lead(lead),
        Rows(_rows(told, words, reader.language)),
        *_shares(told, words, reader.language),
        *_tasks(told, words, reader.language),
        Button(words.buttons["acknowledge"], acknowledge),
        Note(words.notes["acknowledge"]),
        *more,
        Note(words.notes["duty"]),
    )


def _rows(told: Warned, words: Words, language: str) -> tuple[tuple[str, str], ...]:
    factor = factor_name(told.main_factor, language) if told.main_factor else None
    rows = {
        "product": told.product,
        "before": words.levels[told.before],
        "after": words.levels[told.after],
        "index": index_of(told, words),
        "factor": one_line(factor) if factor else None,
        "region": one_line(told.region) if told.region else None,
        "changed": shown_at(told.changed_at),
        "number": str(told.sequence),
    }
    return tuple((words.rows[name], value) for name, value in rows.items() if value is not None)


def index_of(told: Warned, words: Words) -> str:
    """Return the index with its interval, as far as they are known."""
    if told.index is None:
        return words.rows["unknown"]
    index = f"{told.index:.1f}"
    if told.interval is None:
        return index
    low, high = (f"{bound:.1f}" for bound in told.interval)
    return words.rows["interval"].format(index=index, low=low, high=high)


def _shares(told: Warned, words: Words, language: str) -> tuple[Block, ...]:
    if not told.shares:
        return ()
    rows = tuple(
        (factor_name(factor, language), words.rows["points"].format(points=f"{points:.1f}"))
        for factor, points in told.shares
    )
    return (Table(words.rows["shares"], rows),)


def _tasks(told: Warned, words: Words, language: str) -> tuple[Block, ...]:
    if not told.actions:
        return ()
    actions = words.joint.join(policy_phrase(one, language) for one in told.actions)
    named = {"actions": actions, "owner": told.owner, "deadline": told.deadline}
    return (Rows(tuple((words.rows[name], policy_phrase(said, language)) for name, said in named.items())),)
