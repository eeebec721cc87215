"""What lines say, worked out once for all lines that say the same. Pure.

Lots of one kind of goods are inspected for the same indicators and mostly pass, so their evidence differs by
its time alone. What it is otherwise is worked out by the steps of live scoring when it is first met.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec

from sealwatch.contracts.codec import packed_headers, unpacked_headers
from sealwatch.contracts.log import (
    AppliedStandard,
    EvidenceRetracted,
    LevelOverridden,
    ProductDescribed,
)
from sealwatch.measure.limits import Limit
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.floors import Check, Clause
from sealwatch.risk.once import shared
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import Key, Said
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.step import Arrival, Poisoned
from sealwatch_scorer.rescoring.lines import Line, arrival_of

INSPECTION = "inspection.reported.v1"
MOST_KEPT = 65_536  # shapes kept at once, some 600 bytes each; ours
_STEPS = EvidenceRetracted, ProductDescribed, LevelOverridden


class Item(msgspec.Struct, frozen=True, gc=False):
    """What an item of a lot counts by, as long as it has no limits."""

    factor: str
    verdict: str
    failures: int | None = None
    trials: int | None = None
    indicator: str = ""
    grade: str | None = None
    limits: Limit | None = None
    standard: AppliedStandard | None = None


class Lot(msgspec.Struct, frozen=True, gc=False):
    """An inspection without what only decides where there are limits."""

    sampled_at: Annotated[datetime, msgspec.Meta(tz=True)]
    items: tuple[Item, ...]
    monitoring_mode: str | None = None

    @property
    def counts_by(self) -> tuple[str | None, tuple[Item, ...]]:
        """Return all that its evidence depends on beside its time and its sender."""
        return self.monitoring_mode, self.items


class Shape(NamedTuple):
    """What an event says but for when: amounts by their key in the sums, and verdicts by their clause."""

    moves: tuple[tuple[Key, int, int], ...]
    checks: tuple[tuple[Clause, bool], ...]
    failed: bool
    weighs: bool
    said: tuple[Said, ...]

    def at(self, at: int) -> tuple[Said, ...]:
        """Return what it says at a time."""
        return tuple(piece._replace(at=at) for piece in self.said)


Told = tuple[int, Shape]
"""When something occurred, in whole Unix seconds, and what it says; plain, since each event makes one."""

Known = dict[tuple[str | None, tuple[Item, ...]], Shape]
_READ = msgspec.json.Decoder(Lot).decode


class Shapes:
    """What was met so far under one policy."""

    def __init__(self, policy: Policy, most_kept: int = MOST_KEPT) -> None:
        """Begin with nothing met; of shapes so many are kept at once."""
        self.policy, self._most_kept = policy, most_kept
        self._senders: dict[bytes, Known] = {}
        self._classes: dict[tuple[bytes, bytes], Known] = {}
        self._kept = 0

    def of(self, line: Line) -> Told | None:
        """Return what a line says, None where it must be walked step by step, or raise Poisoned."""
        if line.type != INSPECTION:
            return self._worked_out(line)
        try:
            lot = _READ(line.body)
        except msgspec.MsgspecError:
            return self._worked_out(line)  # which says what is wrong with it
        known = self._senders.get(stamp_of(line.headers))
        shape = None if known is None else known.get(lot.counts_by)
        if shape is not None:
            return int(lot.sampled_at.timestamp()), shape
        return self._met(line, lot)

    def _met(self, line: Line, lot: Lot) -> Told | None:
        told = self._worked_out(line)
        if told is None or any(item.limits is not None for item in lot.items):
            return told
        if self._kept >= self._most_kept:
            self._senders, self._classes, self._kept = {}, {}, 0
        known = self._of_sender(line.headers)
        if known is not None:
            known[lot.counts_by] = told[1]
            self._kept += 1
        return told

    def _of_sender(self, headers: bytes) -> Known | None:
        """Return what was met of this sender's class, None where the headers are in a strange order."""
        stamp = stamp_of(headers)
        known = self._senders.get(stamp)
        if known is None:
            said = dict(_stamped(headers, stamp))
            if not {"ce_sourceclass", "ce_accredited"} <= said.keys():
                return None
            name = (said["ce_sourceclass"], said["ce_accredited"])
            known = self._senders[stamp] = self._classes.setdefault(name, {})
        return known

    def _worked_out(self, line: Line) -> Told | None:
        arrival = arrival_of(line)
        event = arrival.event
        if isinstance(event.body, _STEPS):
            return None
        shape = shape_of(_said(arrival, self.policy))
        return None if shape is None else (event.occurred_at, shape)


def shape_of(said: Sequence[Said]) -> Shape | None:
    """Return the shape of what an event says, None where that is not of trials and verdicts."""
    evidence = [piece for piece in said if isinstance(piece, Evidence)]
    if any(piece.counted for piece in evidence):
        return None
    return Shape(
        tuple((_key(one), one.failures_millionths, one.trials_millionths) for one in evidence),
        tuple((_clause(piece), piece.failed) for piece in said if isinstance(piece, Check)),
        failed=any(piece.failed for piece in said),
        weighs=any(piece.weighs for piece in said),
        said=tuple(said),
    )


def stamp_of(headers: bytes) -> bytes:
    """Return the packed headers after that of the time: what a sender's events have in common."""
    start = headers.find(_TIME) + len(_TIME)
    return headers[start + 1 + headers[start] :]


_TIME = b"\xa7ce_time\xc4"  # a text of 7 bytes and the mark of bytes whose length is the next byte


def _stamped(headers: bytes, stamp: bytes) -> Iterable[tuple[str, bytes]]:
    """Return the headers that a stamp holds, none where it is not the end of these."""
    pairs = unpacked_headers(headers)
    names = [name for name, _ in pairs]
    rest = pairs[names.index("ce_time") + 1 :] if "ce_time" in names else ()
    return rest if packed_headers(rest)[1:] == stamp else ()


def _key(evidence: Evidence) -> Key:
    return shared((evidence.factor, evidence.source_class, evidence.half_life))


def _clause(check: Check) -> Clause:
    return shared((check.standard, check.indicator))


def _said(arrival: Arrival, policy: Policy) -> tuple[Said, ...]:
    try:
        return evidence_of(arrival.event, policy)
    except Exception as error:
        raise Poisoned(arrival) from error
