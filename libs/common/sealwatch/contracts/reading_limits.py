"""The limit that holds for a reading, as the extension header that intake stamps on its record.

Scoring then reads no register: what held when the reading came in travels with it.
"""

from functools import lru_cache

import msgspec

from sealwatch.measure.limits import Limit

_KEPT = 4096  # different limits remembered, so that a point's next reading costs a look-up; ours


class ReadingLimit(msgspec.Struct, frozen=True, gc=False):
    """What is allowed of an indicator, and the factor that it bears on."""

    factor: str
    limits: Limit


@lru_cache(_KEPT)
def limit_from(header: bytes) -> ReadingLimit:
    """Return the limit that a header holds, or raise ValueError."""
    return _READER.decode(header)


_READER = msgspec.json.Decoder(ReadingLimit)
