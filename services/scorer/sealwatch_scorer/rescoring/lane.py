"""One lane: its partitions' events from where it stopped to the bounds, with the midnights between them."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from sealwatch_scorer.batch import day_of
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.rescoring.lines import Line, milliseconds
from sealwatch_scorer.rescoring.plan import DAY, Cursor, Limits
from sealwatch_scorer.rescoring.store import LaneStore, Page, Reached
from sealwatch_scorer.rescoring.walking import Walk, days_between
from sealwatch_scorer.rollups import Group, Held, gains, rolled_up

BREATH = 500  # lines scored between two looks at the socket, so that the next page keeps coming


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many events are read in one go, and after how many the lane is saved: half a minute's work."""

    slice: int = 5_000
    saved_after: int = 500_000


def _tell_nobody(_events: int) -> None:
    """Keep progress to oneself."""


@dataclass(slots=True)
class Lane:
    """A lane under way; what was saved last is where the next process begins.

    ``tell`` hears after each slice how many events were walked, those of earlier processes included.
    """

    store: LaneStore
    policies: Policies
    limits: Limits
    walk: Walk
    saved: Reached
    sizes: Sizes = field(default_factory=Sizes)
    day: date | None = None
    tell: Callable[[int], None] = _tell_nobody

    @property
    def done(self) -> bool:
        """Return whether everything was walked and saved."""
        return self.saved.done

    async def run(self) -> None:
        """Go to the end, saving now and then; killed anywhere, another run ends in the same states."""
        coming = None if self.done else self._coming(self.saved.cursor)
        try:
            while coming is not None:
                lines, end = await coming
                coming = None if end is None else self._coming(end)
                await self._hear(lines)
                self.tell(self.saved.events + self.walk.events)
                if end is not None and self.walk.events >= self.sizes.saved_after:
                    await self._save(end, {})
        finally:
            if coming is not None:
                coming.cancel()
        if not self.done:
            await self._end()

    def _coming(self, after: Cursor) -> asyncio.Task[Page]:
        """Return a page under way, which is read while the one before it is scored."""
        return asyncio.create_task(self.store.page(after, self.limits, self.sizes.slice))

    async def _hear(self, lines: Sequence[Line]) -> None:
        for day, group in _by_day(lines):
            await self._sweep_before(day)
            policy = await self.policies.on(day)
            for start in range(0, len(group), BREATH):
                self.walk.hear(group[start : start + BREATH], policy)
                await asyncio.sleep(0)

    async def _sweep_before(self, day: date) -> None:
        """Sweep the days before ``day``, but a partition whose log ended no further than live scoring."""
        if self.day is None:
            self.day = day
        last = {partition: self.limits.swept_through(partition) for partition in self.limits.bounds}
        for ending in days_between(self.day, day - DAY):
            held = {p for p, through in last.items() if through is not None and through >= ending}
            for span in await self.policies.spans(ending - DAY, ending):
                self.walk.sweep(span, held)
        self.day = max(self.day, day)

    async def _end(self) -> None:
        """Apply the sweeps that no event follows, and save everything with the sums of groups."""
        through = [last for p in self.limits.bounds if (last := self.limits.swept_through(p)) is not None]
        if self.day is not None and through:
            await self._sweep_before(max(through) + DAY)
        self.walk.end_runs()
        groups = rolled_up({}, gains({}, self.walk.products, self.policies.base))
        await self._save(self.saved.cursor, groups, done=True)

    async def _save(self, cursor: Cursor, groups: Mapping[Group, Held], *, done: bool = False) -> None:
        swept = None if self.day is None else self.day - DAY
        events, changes = self.saved.events + self.walk.events, self.saved.changes + self.walk.changes
        after = Reached(cursor, swept, events, changes, done)
        await self.store.save(self.saved, after, self.walk.pending(), groups)
        self.saved = after
        self.walk.events = self.walk.changes = 0


def _by_day(lines: Sequence[Line]) -> Iterable[tuple[date, Sequence[Line]]]:
    """Return the lines of each day; most pages hold one."""
    if not lines:
        return
    first, last = (day_of(milliseconds(line.instant)) for line in (lines[0], lines[-1]))
    if first == last:
        yield first, lines
        return
    for day, group in groupby(lines, lambda line: day_of(milliseconds(line.instant))):
        yield day, list(group)
