"""API keys: how they look, how one is made from randomness, how one is checked without a look-up.

``sw_live_<12 hex id>_<64 hex secret><8 hex crc32>``. Only the SHA-256 of the whole key is stored: a
fast hash is right for 256 random bits.
"""

import hmac
import re
from hashlib import sha256
from typing import NamedTuple
from zlib import crc32

PREFIX = "sw_live_"
ID_BYTES, SECRET_BYTES = 6, 32
_FORM = re.compile(r"sw_live_([0-9a-f]{12})_([0-9a-f]{64})([0-9a-f]{8})", re.ASCII)


class MintedKey(NamedTuple):
    """A key as it is shown once, its public id and the digest that is kept."""

    key: str
    key_id: str
    digest: str


class PresentedKey(NamedTuple):
    """What a caller showed: an id to look up and the digest to compare."""

    key_id: str
    digest: str


def mint(randomness: bytes) -> MintedKey:
    """Return the key that these 38 random bytes make."""
    if len(randomness) != ID_BYTES + SECRET_BYTES:
        raise ValueError("needs 38 random bytes")
    stem = f"{PREFIX}{randomness[:ID_BYTES].hex()}_{randomness[ID_BYTES:].hex()}"
    key = f"{stem}{crc32(stem.encode()):08x}"
    return MintedKey(key, randomness[:ID_BYTES].hex(), digest_of(key))


def presented(authorization: str) -> PresentedKey | None:
    """Return what an Authorization header shows, or None where form or checksum is wrong."""
    scheme, _, key = authorization.partition(" ")
    form = _FORM.fullmatch(key.strip())
    if scheme.lower() != "bearer" or form is None:
        return None
    stem = key.strip()[:-8]
    if f"{crc32(stem.encode()):08x}" != form[3]:
        return None
    return PresentedKey(form[1], digest_of(key.strip()))


def digest_of(key: str) -> str:
    """Return the SHA-256 of a key, the only form in which it is kept."""
    return sha256(key.encode()).hexdigest()


def matches(shown: PresentedKey, digest: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(shown.digest, digest)
