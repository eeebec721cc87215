"""Which events of a poll are new, which were seen before, and which contradict what was seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sealwatch.contracts.strict_json import NotStrict, canonical, parse
from sealwatch.scoring.step import Arrival


@dataclass(slots=True)
class Sorted:
    """A poll's events by what becomes of them."""

    fresh: list[Arrival] = field(default_factory=list)
    duplicates: int = 0
    conflicts: list[Arrival] = field(default_factory=list)


def first_of_each(arrivals: Iterable[Arrival]) -> dict[bytes, Arrival]:
    """Return the first event of each uid in offset order."""
    first: dict[bytes, Arrival] = {}
    for arrival in arrivals:
        first.setdefault(arrival.event.uid, arrival)
    return first


def sorted_out(
    arrivals: Sequence[Arrival],
    claimed: frozenset[bytes],
    stored: Mapping[bytes, tuple[bytes, bytes | None]],
) -> Sorted:
    """Return the new events, and of the rest how many say the same and which do not.

    ``stored`` gives digest and body of what was seen earlier; a body dropped by age counts as equal
    only when the digest is.
    """
    found, first = Sorted(), first_of_each(arrivals)
    for arrival in arrivals:
        uid = arrival.event.uid
        if first[uid] is arrival and uid in claimed:
            found.fresh.append(arrival)
            continue
        digest, body = stored.get(uid) or (first[uid].digest, first[uid].record.value)
        if digest == arrival.digest or says_the_same(body, arrival.record.value):
            found.duplicates += 1
        else:
            found.conflicts.append(arrival)
    return found


def says_the_same(one: bytes | None, other: bytes | None) -> bool:
    """Compare two bodies as canonical JSON: sorted keys, NFC, no blanks."""
    if one is None or other is None:
        return False
    try:
        return canonical(parse(one)) == canonical(parse(other))
    except NotStrict:
        return False
