"""Waiting for something in the running stack, with an end."""

import asyncio
from collections.abc import Callable

from sealwatch.errors import Misconfigured

LONGEST_SECONDS = 90.0
PAUSE_SECONDS = 0.2


async def tried(check: Callable[[], bool], otherwise: str) -> None:
    """Return once the check holds, or raise Misconfigured saying what did not happen."""
    ends = asyncio.get_running_loop().time() + LONGEST_SECONDS
    while not await asyncio.to_thread(check):
        if asyncio.get_running_loop().time() > ends:
            raise Misconfigured(f"{otherwise} within {LONGEST_SECONDS:.0f} s")
        await asyncio.sleep(PAUSE_SECONDS)
