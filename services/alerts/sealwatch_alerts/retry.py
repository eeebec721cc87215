"""When to try a delivery again: the published table of Standard Webhooks."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SCHEDULE = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
LONGEST = timedelta(hours=24)
JITTER = 0.1  # of the pause, so that what failed together does not come back together; ours


def next_attempt(
    failures: int, now: datetime, jitter: float, retry_after: timedelta | None = None
) -> datetime | None:
    """Return the instant of the next attempt, or None when the table is used up.

    ``jitter`` in [0, 1) is drawn by the caller and lengthens the pause by at most a tenth.
    """
    if failures >= len(SCHEDULE):
        return None
    pause = SCHEDULE[failures] * (1 + JITTER * jitter)
    return now + max(pause, retry_after or timedelta(0))


def patience(header: str, now: datetime) -> timedelta | None:
    """Return how long a Retry-After asks us to wait, at most a day; nonsense asks nothing."""
    if header.isascii() and header.isdigit():
        return timedelta(seconds=min(int(header[:9]), LONGEST.total_seconds()))
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    wait = until.replace(tzinfo=until.tzinfo or UTC) - now
    return min(wait, LONGEST) if wait > timedelta(0) else None
