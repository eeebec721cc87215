"""Stored events as they are read: a line each, most of which are never made into anything else."""

from typing import NamedTuple

from sealwatch.contracts.codec import Received, unpacked_headers
from sealwatch.contracts.log import decode
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.scoring.step import Arrival


class Line(NamedTuple):
    """A stored event in the order of all; its instant is in Unix seconds with their fractions.

    A float, since the driver takes a microsecond for a time and a tenth of it for a float. Times of the log
    are whole milliseconds, which a double holds.
    """

    instant: float
    partition: int
    offset: int
    product_id: str
    uid: bytes
    type: str
    headers: bytes
    body: bytes

    @property
    def at(self) -> int:
        """Return the instant in whole Unix seconds."""
        return int(self.instant)


class Past(NamedTuple):
    """A line that was walked, and whether it was taken back since."""

    line: Line
    is_taken: bool


def arrival_of(line: Line) -> Arrival:
    """Return the event that a line holds, or raise UnreadableRecord; steps go by its instant alone."""
    instant_ms = milliseconds(line.instant)
    record = Received(
        EVIDENCE.name,
        line.partition,
        line.offset,
        instant_ms,
        line.product_id.encode(),
        line.body,
        unpacked_headers(line.headers),
    )
    return Arrival(decode(record), record, b"", instant_ms)


def milliseconds(seconds: float) -> int:
    """Return a time of the log in whole milliseconds."""
    return round(seconds * 1000)
