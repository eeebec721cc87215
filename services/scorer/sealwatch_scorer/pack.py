"""Folded evidence as the events table keeps it, so that a retraction subtracts what was added."""

from collections.abc import Sequence

import msgspec

from sealwatch.risk.state import Said

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[Said, ...])


def packed(folded: Sequence[Said]) -> bytes:
    """Return the bytes of some pieces of evidence and checks."""
    return _ENCODER.encode(folded)


def unpacked(raw: bytes) -> tuple[Said, ...]:
    """Return the pieces again."""
    return _DECODER.decode(raw)
