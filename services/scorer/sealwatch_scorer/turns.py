"""Turns that fail on one and the same position: counted, said once, and shown for as long as it lasts.

A database that is away makes none of these: then no turn comes as far as trying to commit anything.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import FRUITLESS_TURNS
from sealwatch_scorer.store import Position

MOST_FRUITLESS = 5  # with a statement deadline of ten seconds about a minute; ours


class Turns:
    """Knows for each partition how often in a row its next position was tried in vain."""

    def __init__(self) -> None:
        """Begin without a failure."""
        self._trying: dict[int, int] = {}
        self._failed: dict[int, tuple[int, int]] = {}
        self._reason = ""

    @contextmanager
    def trying(self, positions: Mapping[int, Position]) -> Iterator[None]:
        """Hold what is tried from these positions; a clean exit is the progress of their partitions."""
        self._trying = {partition: at.next_offset for partition, at in positions.items()}
        yield
        self.keep(self._failed.keys() - self._trying.keys())
        self._trying = {}

    def failed(self, reason: str) -> None:
        """Count what was tried as in vain, and say so when that is the last straw."""
        for partition, offset in self._trying.items():
            at, count = self._failed.get(partition, (offset, 0))
            self._failed[partition] = (offset, count + 1 if at == offset else 1)
        last_straw = {p: self._failed[p][0] for p in self._trying if self._failed[p][1] == MOST_FRUITLESS}
        self._trying, self._reason = {}, reason
        self._show()
        if last_straw:
            logger().error("no progress", positions=last_straw, turns=MOST_FRUITLESS, reason=reason)

    def keep(self, partitions: Collection[int]) -> None:
        """Forget all partitions but these."""
        self._failed = {p: tried for p, tried in self._failed.items() if p in partitions}
        self._show()

    @property
    def trouble(self) -> str | None:
        """Return which partitions stand still and why, or None."""
        stuck = [
            f"partition {partition} at offset {offset}: {count} fruitless turns"
            for partition, (offset, count) in sorted(self._failed.items())
            if count >= MOST_FRUITLESS
        ]
        return f"no progress: {'; '.join(stuck)}; {self._reason}" if stuck else None

    def _show(self) -> None:
        FRUITLESS_TURNS.set(max((count for _, count in self._failed.values()), default=0))
