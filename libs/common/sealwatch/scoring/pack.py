"""Folded evidence as the events table keeps it, so that a retraction subtracts what was added."""

from collections.abc import Sequence

import msgspec

from sealwatch.risk.evidence import Evidence
from sealwatch.risk.floors import Check
from sealwatch.risk.state import Said

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[tuple[Evidence, ...], tuple[Check, ...]])


def packed(folded: Sequence[Said]) -> bytes:
    """Return the bytes of some pieces of evidence and checks."""
    evidence = [piece for piece in folded if isinstance(piece, Evidence)]
    return _ENCODER.encode((evidence, [piece for piece in folded if isinstance(piece, Check)]))


def unpacked(raw: bytes) -> tuple[Said, ...]:
    """Return the pieces again."""
    evidence, checks = _DECODER.decode(raw)
    return (*evidence, *checks)
