"""What a scorer's tables would hold, in memory: for walks that are cut into polls."""

import asyncio
from itertools import pairwise

from sealwatch.scoring.maxima import bears
from sealwatch.scoring.step import Known, Target, target_of, walk
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.left import Older, left
from sealwatch_scorer.store import Position
from tests.factories import NOON_MS, received


class Remembered:
    """Everything that earlier polls left behind."""

    def __init__(self, policy):
        self.policy, self.products, self.kept, self.stones, self.quarantined = policy, {}, {}, {}, set()

    def hear(self, arrivals):
        """Walk one poll, with all that is stored at hand."""
        untaken = [(uid, kept) for uid, kept in self.kept.items() if kept.retracted_by is None]
        folded = {
            id_: {uid: kept.folded for uid, kept in untaken if kept.arrival.event.product_id == id_}
            for id_ in self.products
        }
        self._walk(arrivals, self._targets(arrivals), folded)

    def hear_with_a_search(self, arrivals):
        """Walk one poll with no more than the search among stored events finds."""
        targets = self._targets(arrivals)
        self._walk(arrivals, targets, asyncio.run(left(self, arrivals, self.products, targets, self.policy)))

    def _targets(self, arrivals):
        named = {target_of(arrival.event) for arrival in arrivals}
        return {
            uid: Target(uid, kept.arrival.event.product_id, kept.folded, kept.retracted_by is not None)
            for uid, kept in self.kept.items()
            if uid in named
        }

    def _walk(self, arrivals, targets, folded):
        done = walk(Known(self.products, targets, self.stones, folded), arrivals, self.policy)
        self.products |= done.products
        self.kept |= done.kept
        for uid, by in done.retracted.items():
            self.kept[uid].retracted_by = by
        for uid, stones in done.tombstones.items():
            self.stones.setdefault(uid, []).extend(stones)
        self.quarantined |= {(one.event.uid, reason) for one, reason in done.quarantined}

    async def older(self, streams, but, most):
        """Answer as the database does."""
        return [
            row for number, stream in enumerate(streams) for row in self._of(number, stream, set(but))[:most]
        ]

    def _of(self, number, stream, but):
        events = [(uid, kept.arrival.event, kept) for uid, kept in self.kept.items() if uid not in but]
        rows = [
            Older(number, event.occurred_at, uid, kept.folded)
            for uid, event, kept in events
            if event.product_id == stream.product_id
            and (kept.retracted_by, bears(kept.folded)) == (None, stream.bears)
            and event.occurred_at <= stream.until
        ]
        return sorted(rows, key=lambda row: -row.at)


def polls_of(bodies, cuts):
    """Return the arrivals of these bodies, cut before the positions that are named."""
    records = [received(body, n, NOON_MS + n) for n, body in enumerate(bodies)]
    arrivals = polled(map(read, records), {0: Position(0)}, {}).arrivals
    ends = sorted({0, len(bodies), *(cut for cut in cuts if cut < len(bodies))})
    return [arrivals[start:end] for start, end in pairwise(ends)]
