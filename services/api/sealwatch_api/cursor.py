"""Page cursors: where the next page begins, signed for one list of one organisation."""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from sealwatch.contracts.door import FieldError
from sealwatch.contracts.strict_json import canonical
from sealwatch_api.problems import Declined

Position = tuple[str, ...]
_SIGNATURE = 16  # bytes of the HMAC that are kept: forging one takes 2^128 tries


def binding(organisation: str, listing: str, filters: dict[str, object]) -> bytes:
    """Return what a cursor is bound to: whose it is, of which list, under which filters."""
    plain = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in filters.items()}
    return canonical([organisation, listing, plain])


def sign(key: bytes, bound_to: bytes, position: Sequence[str]) -> str:
    """Return the cursor for the page after this position."""
    where = msgspec.json.encode(list(position))
    return base64.urlsafe_b64encode(_signature(key, bound_to, where) + where).rstrip(b"=").decode()


def position_of(key: bytes, bound_to: bytes, cursor: str) -> Position:
    """Return the position that a cursor holds, or raise Declined where it is not one of ours."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise _bad_cursor() from None
    signature, where = raw[:_SIGNATURE], raw[_SIGNATURE:]
    if not hmac.compare_digest(signature, _signature(key, bound_to, where)):
        raise _bad_cursor()
    return msgspec.json.decode(where, type=Position)


def _signature(key: bytes, bound_to: bytes, where: bytes) -> bytes:
    framed = len(bound_to).to_bytes(4, "big") + bound_to + where
    return hmac.new(key, framed, sha256).digest()[:_SIGNATURE]


def _bad_cursor() -> Declined:
    wrong = FieldError("/cursor", "bad_cursor", "is not a cursor of this list with these filters")
    return Declined(422, "bad_cursor", errors=(wrong,))
