"""One lane: its partitions' events from where it stopped to the bounds, with the midnights between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from sealwatch.scoring.step import Arrival, target_of
from sealwatch_scorer.batch import day_of
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.rescoring.plan import DAY, Cursor, Limits
from sealwatch_scorer.rescoring.store import LaneStore, Reached
from sealwatch_scorer.rescoring.walking import Walk, days_between
from sealwatch_scorer.rollups import Group, Held, gains, rolled_up


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many events are read in one go, and after how many the lane is saved."""

    slice: int = 5_000
    saved_after: int = 200_000


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
        cursor: Cursor | None = self.saved.cursor
        while cursor is not None and not self.done:
            place = cursor
            arrivals, cursor = await self.store.events(place, self.limits, self.sizes.slice)
            await self._hear(arrivals)
            self.tell(self.saved.events + self.walk.events)
            if cursor is not None and self.walk.events >= self.sizes.saved_after:
                await self._save(cursor, {})
        if not self.done:
            await self._end()

    async def _hear(self, arrivals: Sequence[Arrival]) -> None:
        as_of_ms = self.limits.as_of_ms
        for day, group in groupby(arrivals, lambda arrival: day_of(arrival.instant_ms)):
            events = list(group)
            await self._sweep_before(day)
            named = {a.event.product_id for a in events if target_of(a.event) is not None}
            history = await self.store.history(named, as_of_ms)
            self.walk.hear(events, history, await self.policies.on(day))

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
        groups = rolled_up({}, gains({}, self.walk.products, self.policies.base))
        await self._save(self.saved.cursor, groups, done=True)

    async def _save(self, cursor: Cursor, groups: Mapping[Group, Held], *, done: bool = False) -> None:
        swept = None if self.day is None else self.day - DAY
        events, changes = self.saved.events + self.walk.events, self.saved.changes + self.walk.changes
        after = Reached(cursor, swept, events, changes, done)
        await self.store.save(self.saved, after, self.walk.pending(), groups)
        self.saved = after
        self.walk.events = self.walk.changes = 0
