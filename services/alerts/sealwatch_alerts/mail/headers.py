"""The one way into a header of an e-mail.

Python up to 3.11.9 writes what an encoded word decodes to, line ends and all (CVE-2024-6923), and NUL
passes to this day. So text that comes from data is made harmless by ``one_line``, everything goes in
through ``put``, which refuses rather than mends, and ``sealed`` reads the finished letter back.
"""

import re
import unicodedata
from collections.abc import Iterable
from email import message_from_bytes, policy
from email.message import EmailMessage

LONGEST = 200  # characters of a text header; a subject beyond it is cut with an ellipsis (reliability.md H-6)
ELLIPSIS = "…"
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_ENCODED_WORD = re.compile(r"=(?=\?)")  # RFC 2047: what a reader would decode into something else
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*", re.ASCII)


class BadHeader(ValueError):  # noqa: N818
    """Something that must never reach a header was about to."""


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text from data as harmless as a header needs it.

    Controls, line ends, bidirectional and zero-width marks, surrogates and unassigned characters become
    blanks, blanks run together, what looks like an encoded word is taken apart, the rest is cut.
    """
    most = longest * 4  # no more is looked at than could remain; ours
    blanked = "".join(" " if unicodedata.category(c) in _UNSAFE else c for c in text[:most])
    plain = " ".join(blanked.split())
    cut = plain if len(plain) <= longest else plain[: longest - 1].rstrip() + ELLIPSIS
    return _ENCODED_WORD.sub("= ", cut)


def put(message: EmailMessage, name: str, value: str) -> None:
    """Set a header, or raise BadHeader where name or value could become anything but this one header."""
    if not _NAME.fullmatch(name):
        raise BadHeader("a name of a header is letters, digits and hyphens")
    if any(unicodedata.category(c) in _UNSAFE for c in value) or _ENCODED_WORD.search(value):
        raise BadHeader(f"{name} holds a character that no header may hold")
    message[name] = value


def sealed(message: EmailMessage, names: Iterable[str]) -> bytes:
    """Return the letter as it goes out, or raise BadHeader where it reads back with other headers."""
    raw = message.as_bytes(policy=policy.SMTP)
    back = message_from_bytes(raw, policy=policy.SMTP)
    if sorted(name.lower() for name in back) != sorted(name.lower() for name in names) or back.defects:
        raise BadHeader("the letter reads back with other headers than it was given")
    return raw
