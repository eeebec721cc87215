"""Is the log still the one that the database knows? Checked whenever a partition is taken over."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from sealwatch.contracts.codec import Received, digest_of
from sealwatch.errors import BrokerUnavailable

ReadAt = Callable[[Mapping[int, int]], Awaitable[Mapping[int, Received]]]


class Place(Protocol):
    """Where a reader stands in a partition: next offset, last committed record with its digest."""

    @property
    def next_offset(self) -> int:
        """Return where reading goes on."""

    @property
    def last_offset(self) -> int | None:
        """Return where the last committed record stood, None before the first."""

    @property
    def last_digest(self) -> bytes | None:
        """Return the digest of that record."""


async def faults_of(
    places: Mapping[int, Place], starts: Mapping[int, int], ends: Mapping[int, int], read_at: ReadAt
) -> dict[int, str]:
    """Return why a partition must stand still, by comparing its last committed record with the log."""
    faults = {}
    to_read = {}
    for partition, place in places.items():
        reason = out_of_range(place, starts[partition], ends[partition])
        if reason is not None:
            faults[partition] = reason
        elif place.last_offset is not None and place.last_offset >= starts[partition]:
            to_read[partition] = place.last_offset
    found = await read_at(to_read) if to_read else {}
    for partition in to_read:
        if partition not in found:
            raise BrokerUnavailable("the last committed record could not be read back")
        if digest_of(found[partition]) != places[partition].last_digest:
            faults[partition] = "topic_recreated: another record stands there"
    return faults


def out_of_range(place: Place, start: int, end: int) -> str | None:
    """Return why a place does not fit a log that holds ``start`` up to ``end``."""
    if place.next_offset > end:
        return "topic_recreated: the position is beyond the end"
    if place.next_offset < start:
        return "offset_out_of_range: retention passed the position"
    return None
