"""From the records of one read to a poll: decoded, digested, in order, with where it leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import decode
from sealwatch.errors import Halted, UnreadableRecord
from sealwatch_scorer.step import Arrival
from sealwatch_scorer.store import Position

DAY = timedelta(days=1)
DIGEST_BYTES = 16


@dataclass(slots=True)
class Poll:
    """Records of one read in offset order, decoded, and the letters for what cannot be read."""

    arrivals: list[Arrival] = field(default_factory=list)
    letters: list[tuple[Received, str, str]] = field(default_factory=list)
    before: dict[int, Position] = field(default_factory=dict)
    after: dict[int, Position] = field(default_factory=dict)
    halted: dict[int, Halted] = field(default_factory=dict)

    @property
    def instant(self) -> int:
        """Return the newest instant in whole Unix seconds."""
        return max((p.instant_ms for p in self.after.values()), default=0) // 1000


def digest_of(record: Received) -> bytes:
    """Return what identifies the bytes of a record."""
    return blake2b(record.value or b"", digest_size=DIGEST_BYTES).digest()


def polled(
    records: Sequence[Received], positions: Mapping[int, Position], bad: Mapping[tuple[int, int], str]
) -> Poll:
    """Return the poll of these records; those named in ``bad`` become letters with that reason.

    A partition ends before a record that must not be passed over; ``halted`` says why.
    """
    poll = Poll()
    for record in records:
        if record.partition in poll.halted:
            continue
        before = poll.after.get(record.partition) or positions[record.partition]
        instant = max(before.instant_ms, record.appended_ms)
        digest = digest_of(record)
        try:
            _sort_in(poll, record, (digest, instant), bad)
        except Halted as halted:
            poll.halted[record.partition] = halted
            continue
        poll.before.setdefault(record.partition, before)
        day = before.swept_through or day_of(instant) - DAY
        poll.after[record.partition] = Position(record.offset + 1, record.offset, digest, instant, day)
    return poll


def _sort_in(
    poll: Poll, record: Received, seen: tuple[bytes, int], bad: Mapping[tuple[int, int], str]
) -> None:
    reason = bad.get((record.partition, record.offset))
    if reason is not None:
        poll.letters.append((record, "handler_error", reason))
        return
    try:
        poll.arrivals.append(Arrival(decode(record), record, *seen))
    except UnreadableRecord as error:
        poll.letters.append((record, "unreadable", str(error)))


def day_of(instant_ms: int) -> date:
    """Return the UTC day of an instant."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).date()


def until_midnight(
    records: Iterable[Received], positions: Mapping[int, Position]
) -> tuple[list[Received], dict[int, date]]:
    """Return the records that may be scored now, and the sweeps that must come before the rest.

    A record of a later day waits for the sweep of the days before it (architecture.md 4.1).
    """
    now: list[Received] = []
    sweeps: dict[int, date] = {}
    instants = {p: position.instant_ms for p, position in positions.items()}
    swept = {p: position.swept_through for p, position in positions.items()}
    for record in records:
        partition = record.partition
        instants[partition] = max(instants[partition], record.appended_ms)
        yesterday = day_of(instants[partition]) - DAY
        through = swept[partition]
        if partition in sweeps:
            continue
        if through is not None and yesterday > through:
            sweeps[partition] = yesterday
        else:
            swept[partition] = through or yesterday
            now.append(record)
    return now, sweeps


def swept(position: Position, through: date) -> Position:
    """Return a position after the sweep of a day."""
    return replace(position, swept_through=through)
