"""Waiting for something outside to become true."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

_PAUSE = timedelta(milliseconds=25)


def wait_until(true: Callable[[], bool], within: timedelta) -> bool:
    """Ask again and again until the answer is yes; return False when the time is over."""
    deadline = time.monotonic() + within.total_seconds()
    while not true():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE.total_seconds())
    return True


async def when(true: Callable[[], bool]) -> None:
    """Return once the answer is yes; meanwhile others run."""
    while not true():  # noqa: ASYNC110 - the end of a process sets no event of ours
        await asyncio.sleep(_PAUSE.total_seconds())
