"""The next poll, fetched and decoded while the last one is being committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from sealwatch.contracts.codec import Received
from sealwatch_scorer.batch import Read, read

SLICE = 250  # records decoded in one go, some 2 ms: an answer of the database waits no longer
LEAVE_SECONDS = 3.0


class Ahead:
    """Reads one poll ahead, never more."""

    def __init__(
        self, poll: Callable[[], Awaitable[Sequence[Received]]], read: Callable[[Received], Read] = read
    ) -> None:
        """Keep where records come from, and how one is read."""
        self._poll, self._read_one = poll, read
        self._task: asyncio.Task[list[Read]] | None = None

    async def next(self) -> list[Read]:
        """Return the next records and begin on those after them; raise what reading them raised."""
        task, self._task = self._task or asyncio.create_task(self._read()), None
        reads = await task
        self._task = asyncio.create_task(self._read())
        return reads

    async def drop(self) -> None:
        """Forget what was read ahead: the positions it was read from no longer hold."""
        task, self._task = self._task, None
        if task is None:
            return
        done, _ = await asyncio.wait({task}, timeout=LEAVE_SECONDS)
        task.cancel()
        if done and not task.cancelled():
            task.exception()  # seen: whatever it was, reading starts anew

    async def _read(self) -> list[Read]:
        records = await self._poll()
        reads: list[Read] = []
        for start in range(0, len(records), SLICE):
            reads += map(self._read_one, records[start : start + SLICE])
            await asyncio.sleep(0)
        return reads
