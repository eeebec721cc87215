"""Folded evidence as the events table keeps it, so that a retraction subtracts what was added."""

from collections.abc import Sequence

import msgspec

from sealwatch.risk.evidence import Evidence

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[Evidence, ...])


def packed(folded: Sequence[Evidence]) -> bytes:
    """Return the bytes of some pieces of evidence."""
    return _ENCODER.encode(folded)


def unpacked(raw: bytes) -> tuple[Evidence, ...]:
    """Return the evidence again."""
    return _DECODER.decode(raw)
