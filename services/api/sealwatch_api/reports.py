"""Reports of mail servers that a letter did not arrive (RFC 3464). Pure."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

LONGEST_DETAIL = 300
_LETTER = re.compile(r"<([0-9a-f]{32})@[^<>\s]+>", re.ASCII)
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})", re.ASCII)
_ENVELOPE = re.compile(r"[0-9a-f]{32}", re.ASCII)
_OF_THE_ADDRESS = frozenset({"0", "1", "2"})  # RFC 3463: undefined, addressing, mailbox
_FULL = ("2", "2")  # a full mailbox may be emptied


@dataclass(frozen=True, slots=True)
class Bounce:
    """A letter of ours that did not arrive; ``hard`` where the address will never take one."""

    letter: bytes
    hard: bool
    detail: str


def bounce_of(raw: bytes) -> Bounce | None:
    """Return what a report says, None where it is no failure, no report, or about no letter of ours.

    The letter is named by the id that the report returns with its headers, or by the envelope id.
    Nobody but the reader knows that id: a forged report can only be about its forger's own letter.
    """
    message = message_from_bytes(raw, policy=policy.default)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return None
    fields = _fields(message)
    status = _STATUS.search(fields.get("status", ""))
    letter = _letter(message, fields)
    if fields.get("action", "").lower() != "failed" or status is None or letter is None:
        return None
    hard = status[1] == "5" and status[2] in _OF_THE_ADDRESS and (status[2], status[3]) != _FULL
    said = " ".join(fields.get("diagnostic-code", "").split())
    shown = "".join(c for c in f"{status[0]} {said}" if c.isprintable())
    return Bounce(letter, hard, shown.strip()[:LONGEST_DETAIL])


def _fields(message: EmailMessage) -> dict[str, str]:
    """Return the fields of the report, those of its first recipient included."""
    parts = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    groups = [group for part in parts for group in part.get_payload() if isinstance(group, Message)]
    found: dict[str, str] = {}
    for group in groups:
        found = {**{k.lower(): str(v) for k, v in group.items()}, **found}
    return found


def _letter(message: EmailMessage, fields: dict[str, str]) -> bytes | None:
    envelope = fields.get("original-envelope-id", "").strip()
    if _ENVELOPE.fullmatch(envelope):
        return bytes.fromhex(envelope)
    for part in message.walk():
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            returned = _LETTER.search(part.as_string())
            if returned:
                return bytes.fromhex(returned[1])
    return None
