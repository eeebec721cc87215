"""The one way into a header of an e-mail.

Python up to 3.11.9 writes what an encoded word decodes to, line ends and all (CVE-2024-6923), NUL passes
to this day, and a blank between two words is lost where the library folds them. So text that comes from
data is made harmless by ``one_line``, everything goes in through ``put``, which refuses rather than
mends, subjects are encoded here, and ``sealed`` reads the finished letter back.
"""

import base64
import re
import unicodedata
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

LONGEST = 200  # characters of a text header; a subject beyond it is cut with an ellipsis
PLAIN = 69  # characters of a subject that fit into its first line of 78 (RFC 5322, 2.1.1)
WORD_BYTES = (
    42  # of an encoded word of 68 characters; the limit is 75 (RFC 2047, 2), the first line's room 69
)
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


def encoded(text: str) -> str:
    """Return a text as it stands in a subject: plain where it is short and ASCII, else as encoded words.

    A reader drops the line end between two of them, so what it shows is the text to the last blank.
    """
    if text.isascii() and len(text) <= PLAIN:
        return text
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(part).decode()}?=" for part in _parts(text))


def _parts(text: str) -> Iterator[bytes]:
    """Yield pieces of whole characters that fit into one encoded word each (RFC 2047, 2 and 5)."""
    part = b""
    for character in text:
        raw = character.encode()
        if len(part) + len(raw) > WORD_BYTES:
            yield part
            part = b""
        part += raw
    yield part


class _Letter(policy.EmailPolicy):
    """The library's own way to write a letter, but for the subject."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return a header as it goes out."""
        if name.lower() == "subject":
            return f"{name}: {encoded(str(value))}\r\n".encode("ascii")
        return super().fold_binary(name, value)


OUTGOING = _Letter(linesep="\r\n")


def sealed(message: EmailMessage, names: Iterable[str]) -> bytes:
    """Return the letter as it goes out, or raise BadHeader where it reads back with other headers."""
    raw = message.as_bytes(policy=OUTGOING)
    back = message_from_bytes(raw, policy=policy.SMTP)
    if sorted(name.lower() for name in back) != sorted(name.lower() for name in names) or back.defects:
        raise BadHeader("the letter reads back with other headers than it was given")
    return raw
