"""Waiting for something in the running stack, with an end."""

import asyncio
from collections.abc import Callable

from sealwatch.errors import Misconfigured

LONGEST_SECONDS = 90.0
PAUSE_SECONDS = 0.2


async def tried(check: Callable[[], bool], otherwise: str) -> None:
    """Return once the check holds, or raise Misconfigured saying what did not happen."""
    if not await held(check, LONGEST_SECONDS):
        raise Misconfigured(f"{otherwise} within {LONGEST_SECONDS:.0f} s")


async def held(check: Callable[[], bool], seconds: float) -> bool:
    """Return whether the check holds, as soon as it does, or after these seconds that it does not."""
    ends = asyncio.get_running_loop().time() + seconds
    while not await asyncio.to_thread(check):
        if asyncio.get_running_loop().time() > ends:
            return False
        await asyncio.sleep(PAUSE_SECONDS)
    return True
