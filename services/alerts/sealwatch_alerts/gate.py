"""The places at one endpoint: what is at the top level comes first, and more are given as it answers."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Lets as many in as there are places: ``width`` of all, ``most`` where one is urgent."""

    def __init__(self, most: int, width: int) -> None:
        """Begin empty."""
        self._most, self._width, self._inside = most, width, 0
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    def widen(self, width: int) -> None:
        """Give so many places, and let in who waits for one."""
        self._width = width
        self._admit()

    @asynccontextmanager
    async def place(self, *, urgent: bool) -> AsyncIterator[None]:
        """Hold a place, once one is free; urgent ones before all others, else in the order of asking."""
        waiting = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._others).append(waiting)
        self._admit()
        try:
            await waiting
            yield
        finally:
            if not waiting.cancelled():  # else it never had one
                self._inside -= 1
                self._admit()

    def _admit(self) -> None:
        while (queue := self._next()) is not None:
            if not (one := queue.popleft()).done():
                self._inside += 1
                one.set_result(None)

    def _next(self) -> deque[asyncio.Future[None]] | None:
        if self._urgent and self._inside < self._most:
            return self._urgent
        return self._others if self._others and self._inside < self._width else None
