"""The next poll, fetched and decoded while the last one is being committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sealwatch.contracts.codec import Received
from sealwatch_scorer.batch import Read, read

SLICE = 250  # records decoded in one go, some 2 ms: an answer of the database waits no longer
LEAVE_SECONDS = 3.0
PACE_SECONDS = 0.015  # between two small polls, so that a stream shares transactions; the first waits not
SMALL = 100  # records up to which a poll waits for others; ours
Poll = Callable[[], Awaitable[Sequence[Received]]]


class Ahead:
    """Reads one poll ahead, never more."""

    def __init__(
        self, poll: Poll, read: Callable[[Received], Read] = read, *, more: Poll | None = None
    ) -> None:
        """Keep where records come from, and how one is read; ``more`` gives what is there at once."""
        self._poll, self._read_one, self._more = poll, read, more
        self._task: asyncio.Task[list[Read]] | None = None
        self._gave = 0.0
        self.small = SMALL

    async def next(self) -> list[Read]:
        """Return the next records and begin on those after them; raise what reading them raised."""
        task, self._task = self._task or asyncio.create_task(self._read(self._poll)), None
        reads = await task
        if self._more is not None and 0 < len(reads) < self.small:
            reads += await self._meanwhile(self._more)
        self._gave = _now()
        self._task = self._task or asyncio.create_task(self._read(self._poll))
        return reads

    async def _meanwhile(self, more: Poll) -> list[Read]:
        """Return what came since; trouble with that is met at the next turn, as these records have theirs."""
        await asyncio.sleep(max(0.0, self._gave + PACE_SECONDS - _now()))
        reading = asyncio.create_task(self._read(more))
        await asyncio.wait({reading})
        if reading.exception() is None:
            return reading.result()
        self._task = reading
        return []

    async def drop(self) -> None:
        """Forget what was read ahead: the positions it was read from no longer hold."""
        task, self._task = self._task, None
        if task is None:
            return
        done, _ = await asyncio.wait({task}, timeout=LEAVE_SECONDS)
        task.cancel()
        if done and not task.cancelled():
            task.exception()  # seen: whatever it was, reading starts anew

    async def _read(self, poll: Poll) -> list[Read]:
        records = await poll()
        reads: list[Read] = []
        for start in range(0, len(records), SLICE):
            reads += map(self._read_one, records[start : start + SLICE])
            await asyncio.sleep(0)
        return reads


def _now() -> float:
    return asyncio.get_running_loop().time()
