"""Is the log still the one that the database knows? Checked whenever a partition is taken over."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sealwatch.contracts.codec import Received
from sealwatch.errors import BrokerUnavailable
from sealwatch_scorer.batch import digest_of
from sealwatch_scorer.store import Position

ReadAt = Callable[[Mapping[int, int]], Awaitable[Mapping[int, Received]]]
UNASSIGNED = "has no partitions yet"
SPARE_AFTER = timedelta(seconds=15)  # a leader hears of a new topic within 10 s (metadata_max_age_ms); ours


def unassigned(idle: timedelta) -> str | None:
    """Return why a member that was given nothing for so long is not ready, or None.

    A group may have more members than partitions: the spare one waits for another to fail, and is ready.
    """
    return UNASSIGNED if idle < SPARE_AFTER else None


async def faults_of(
    positions: Mapping[int, Position], starts: Mapping[int, int], ends: Mapping[int, int], read_at: ReadAt
) -> dict[int, str]:
    """Return why a partition must stand still, by comparing its last committed record with the log."""
    faults = {}
    to_read = {}
    for partition, position in positions.items():
        reason = out_of_range(position, starts[partition], ends[partition])
        if reason is not None:
            faults[partition] = reason
        elif position.last_offset is not None and position.last_offset >= starts[partition]:
            to_read[partition] = position.last_offset
    found = await read_at(to_read) if to_read else {}
    for partition in to_read:
        if partition not in found:
            raise BrokerUnavailable("the last committed record could not be read back")
        if digest_of(found[partition]) != positions[partition].last_digest:
            faults[partition] = "topic_recreated: another record stands there"
    return faults


def out_of_range(position: Position, start: int, end: int) -> str | None:
    """Return why a position does not fit a log that holds ``start`` up to ``end``."""
    if position.next_offset > end:
        return "topic_recreated: the position is beyond the end"
    if position.next_offset < start:
        return "offset_out_of_range: retention passed the position"
    return None
