"""The local mailbox as the demonstration sees it: its subscription, its yes, and what has arrived there."""

import re
from collections.abc import Iterable
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import httpx2

from sealwatch.errors import Misconfigured
from sealwatch_cli.receiving import Answer, answered, listed

ADDRESS = "duty@department.example"
WISH = {
    "department": "Local mailbox",
    "channel": "email",
    "address": ADDRESS,
    "minimum_level": "medium",
    "language": "zh",
}
_LINK = re.compile(r"https?://[^/\s]+(/mail/[^\s?]+)")


def subscribe_by_mail(http: httpx2.Client) -> None:
    """Subscribe the mailbox where it is not yet."""
    if not any(WISH.items() <= one.items() for one in listed(http)):
        answered(http.post("/v1/subscriptions", json=WISH), httpx2.codes.CREATED)


def says_yes(http: httpx2.Client, folder: Path) -> bool:
    """Press the button of the question to the mailbox, and return whether its address has said yes.

    Nothing but the question is sent before, so the newest letter to an address that has not said yes is one.
    """
    mailboxes: list[Answer] = answered(http.get("/v1/mailboxes"), httpx2.codes.OK).json()["items"]
    if any(one["address"] == ADDRESS and one["confirmed_at"] for one in mailboxes):
        return True
    letters = _letters(folder)
    if letters:
        answered(httpx2.post(f"{http.base_url}".rstrip("/") + link_of(letters[-1])), httpx2.codes.OK)
    return False


def link_of(letter: EmailMessage) -> str:
    """Return the path of the first link in a letter, or raise Misconfigured where there is none."""
    body = letter.get_body(("plain",))
    found = _LINK.search(body.get_content()) if body else None
    if found is None:
        raise Misconfigured("the letter has no link")
    return found[1]


def warned(folder: Path, since: datetime) -> list[EmailMessage]:
    """Return the warnings that arrived by e-mail since then: letters in the thread of a product."""
    since = since.replace(microsecond=0)
    return [one for one in _letters(folder) if one["in-reply-to"] and one["date"].datetime >= since]


def _letters(folder: Path) -> list[EmailMessage]:
    """Return what arrived, oldest first: files are named by their instant."""
    return list(_read(sorted(folder.glob("*.eml"))))


def _read(files: Iterable[Path]) -> Iterable[EmailMessage]:
    for one in files:
        yield message_from_bytes(one.read_bytes(), policy=policy.default)
