"""Signed links: what may be done with one delivery, address or subscription, and until when.

``<key id>.<purpose, subject and end>.<HMAC-SHA256>``, the last two in base64url. Whoever holds the
link may do that one thing: it is sent to one address, ends by itself, and its key can be rotated:
the first key signs, all of them verify.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256

ID_BYTES, END_BYTES = 16, 5
LEAST_KEY_BYTES = 32  # as long as the hash (RFC 2104, 3)
LONGEST_TOKEN = 200
_KEY_ID = re.compile(r"[a-z0-9]{1,8}", re.ASCII)
_CONTEXT = b"sealwatch link 1\x00"  # nothing else that these keys might sign is a link


class Purpose(IntEnum):
    """What a link is good for."""

    ACKNOWLEDGE = 1
    CONFIRM = 2
    UNSUBSCRIBE = 3


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that may be done: to a delivery, a mailbox or a subscription of 16 bytes."""

    purpose: Purpose
    subject: bytes
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """Keys by their id; ``current`` signs."""

    current: str
    keys: Mapping[str, bytes]


def link_keys(text: str) -> LinkKeys:
    """Return the keys of ``id:base64,id:base64``, or raise ValueError; the first one signs."""
    keys: dict[str, bytes] = {}
    for entry in text.split(","):
        key_id, _, encoded = entry.strip().partition(":")
        key = base64.b64decode(encoded, validate=True)
        if not _KEY_ID.fullmatch(key_id) or key_id in keys or len(key) < LEAST_KEY_BYTES:
            raise ValueError("a key of links is id:base64 of at least 32 bytes, each id once")
        keys[key_id] = key
    return LinkKeys(next(iter(keys)), keys)


def token_of(link: Link, keys: LinkKeys) -> str:
    """Return the text that goes into an address; the end is kept in whole seconds."""
    if len(link.subject) != ID_BYTES:
        raise ValueError("a link is about 16 bytes")
    ends = int(link.ends_at.timestamp()).to_bytes(END_BYTES, "big")
    body = bytes([link.purpose]) + link.subject + ends
    return f"{keys.current}.{_text(body)}.{_text(_mac(keys.current, keys.keys[keys.current], body))}"


def link_of(token: str, keys: LinkKeys, now: datetime) -> Link | None:
    """Return what a token allows now, or None where it is false, of an unknown key, or has ended."""
    parts = token.split(".") if len(token) <= LONGEST_TOKEN else []
    if len(parts) != len(("key", "body", "mac")) or parts[0] not in keys.keys:
        return None
    body, mac = _raw(parts[1]), _raw(parts[2])
    if not hmac.compare_digest(mac, _mac(parts[0], keys.keys[parts[0]], body)):
        return None
    ends_at = datetime.fromtimestamp(int.from_bytes(body[1 + ID_BYTES :], "big"), UTC)
    return Link(Purpose(body[0]), body[1 : 1 + ID_BYTES], ends_at) if now < ends_at else None


def _mac(key_id: str, key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, _CONTEXT + key_id.encode() + b"\x00" + body, sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(text: str) -> bytes:
    """Return the bytes of a text that is written as we write it; nothing of any other."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
    return raw if _text(raw) == text else b""
