"""How many requests one key may make; time is an argument."""

from datetime import datetime
from math import ceil


class RateLimit:
    """A bucket a key: it holds a minute's requests and fills evenly."""

    def __init__(self, per_minute: int) -> None:
        """Keep the rate."""
        self._per_minute = per_minute
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, key_id: str, now: datetime) -> int | None:
        """Take one request, or return the whole seconds after which one is free."""
        at, rate = now.timestamp(), self._per_minute / 60
        left, since = self._buckets.get(key_id, (float(self._per_minute), at))
        left = min(float(self._per_minute), left + max(0.0, at - since) * rate)
        if left < 1:
            self._buckets[key_id] = (left, at)
            return ceil((1 - left) / rate)
        self._buckets[key_id] = (left - 1, at)
        return None
