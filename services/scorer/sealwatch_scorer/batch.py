"""From the records of one read to a poll: decoded, digested, in order, with where it leads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sealwatch.contracts.codec import Received, digest_of
from sealwatch.contracts.log import Event, decode
from sealwatch.errors import Halted, UnreadableRecord
from sealwatch.risk.policy import Policy
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.step import Arrival, Foreseen
from sealwatch_scorer.store import Position

DAY = timedelta(days=1)


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


class Read(NamedTuple):
    """A record with its digest and what its bytes say, or why they say nothing."""

    record: Received
    digest: bytes
    event: Event | UnreadableRecord | Halted
    foreseen: Foreseen | None = None


def read(record: Received) -> Read:
    """Return a record decoded; it knows nothing of positions, so it can be made ahead of its turn."""
    try:
        event = decode(record)
    except (UnreadableRecord, Halted) as error:
        return Read(record, digest_of(record), error)
    return Read(record, digest_of(record), event)


def foreseen(one: Read, policy: Policy) -> Read:
    """Return the record with what it says under the policy that most likely scores it.

    Where working it out raises, nothing is foreseen: the walk raises again and knows what to do.
    """
    if not isinstance(one.event, Event):
        return one
    try:
        said = evidence_of(one.event, policy)
    except Exception:  # noqa: BLE001  # any: a poisonous event must not stop the reading of others
        return one
    return Read(one.record, one.digest, one.event, Foreseen(said, policy))


def polled(
    reads: Iterable[Read], positions: Mapping[int, Position], bad: Mapping[tuple[int, int], str]
) -> Poll:
    """Return the poll of these records; those named in ``bad`` become letters with that reason.

    A partition ends before a record that must not be passed over; ``halted`` says why.
    """
    poll, instants = Poll(), {p: position.instant_ms for p, position in positions.items()}
    days: dict[int, date] = {}
    last: dict[int, Read] = {}
    for one in reads:
        partition = one.record.partition
        if partition in poll.halted:
            continue
        if isinstance(one.event, Halted):
            poll.halted[partition] = one.event
            continue
        instants[partition] = instant = max(instants[partition], one.record.appended_ms)
        _sort_in(poll, one, instant, bad)
        if partition not in last:
            days[partition] = positions[partition].swept_through or day_of(instant) - DAY
        last[partition] = one
    for partition, (record, digest, *_) in last.items():
        poll.before[partition] = positions[partition]
        poll.after[partition] = Position(
            record.offset + 1, record.offset, digest, instants[partition], days[partition]
        )
    return poll


def _sort_in(poll: Poll, one: Read, instant: int, bad: Mapping[tuple[int, int], str]) -> None:
    record, digest, event, ahead = one
    reason = bad.get((record.partition, record.offset)) if bad else None
    if reason is not None:
        poll.letters.append((record, "handler_error", reason))
    elif isinstance(event, Event):
        poll.arrivals.append(Arrival(event, record, digest, instant, ahead))
    else:
        poll.letters.append((record, "unreadable", str(event)))


def day_of(instant_ms: int) -> date:
    """Return the UTC day of an instant."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).date()


def until_midnight(
    reads: Iterable[Read], positions: Mapping[int, Position]
) -> tuple[list[Read], dict[int, date]]:
    """Return the records that may be scored now, and the sweeps that must come before the rest.

    A record of a later day waits for the sweep of the days before it (docs/architecture.md).
    """
    now: list[Read] = []
    sweeps: dict[int, date] = {}
    limits = {p: _limit_ms(at.swept_through) for p, at in positions.items() if at.swept_through}
    for one in reads:
        partition = one.record.partition
        if partition in sweeps:
            continue
        instant = max(positions[partition].instant_ms, one.record.appended_ms)
        if partition not in limits:
            limits[partition] = _limit_ms(day_of(instant) - DAY)
        if instant < limits[partition]:
            now.append(one)
        else:
            sweeps[partition] = day_of(instant) - DAY
    return now, sweeps


def _limit_ms(swept_through: date) -> int:
    """Return the first instant that needs a further sweep: the end of the day after the last one."""
    return int(datetime.combine(swept_through + 2 * DAY, time.min, UTC).timestamp()) * 1000


def days_to_sweep(swept_through: date | None, through: date) -> list[date]:
    """Return the days whose sweeps are due, in order; what was never swept begins with the last."""
    if swept_through is None:
        return [through]
    return [swept_through + n * DAY for n in range(1, (through - swept_through).days + 1)]


def swept(position: Position, through: date) -> Position:
    """Return a position after the sweep of a day: at its midnight, which no later record comes before."""
    midnight_ms = int(datetime.combine(through + DAY, time.min, UTC).timestamp()) * 1000
    return replace(position, swept_through=through, instant_ms=max(position.instant_ms, midnight_ms))
