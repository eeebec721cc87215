"""What a member of the group says of itself that was given no partitions."""

from datetime import timedelta

UNASSIGNED = "has no partitions yet"
SPARE_AFTER = timedelta(seconds=15)  # a leader hears of a new topic within 10 s (metadata_max_age_ms); ours


def unassigned(idle: timedelta) -> str | None:
    """Return why a member that was given nothing for so long is not ready, or None.

    A group may have more members than partitions: the spare one waits for another to fail, and is ready.
    """
    return UNASSIGNED if idle < SPARE_AFTER else None
