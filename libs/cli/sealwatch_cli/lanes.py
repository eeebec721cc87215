"""The lanes of a rescoring as processes, one for each, and what they say of their progress."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from sealwatch.errors import SealwatchError

MODULE = "sealwatch_scorer.rescoring.process"
Tell = Callable[[int], None]


class Unfinished(SealwatchError):  # noqa: N818  # what was saved stays, and the same command goes on
    """Some lanes did not come to their end."""


async def walk_all(name: str, lanes: int, tell: Tell) -> None:
    """Walk all lanes at once and tell the events of all of them, or raise Unfinished."""
    walked = [0] * lanes
    children = [await _started(name, lane) for lane in range(lanes)]
    try:
        codes = await asyncio.gather(*(_heard(child, n, walked, tell) for n, child in enumerate(children)))
    finally:
        await _ended(children)
    if any(codes):
        raise Unfinished(f"{sum(map(bool, codes))} of {lanes} lanes stopped: the same command goes on")


async def _started(name: str, lane: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, name, str(lane), stdout=asyncio.subprocess.PIPE
    )


async def _heard(child: asyncio.subprocess.Process, lane: int, walked: list[int], tell: Tell) -> int:
    if child.stdout is None:
        raise TypeError("a lane has a pipe")
    async for line in child.stdout:
        walked[lane] = int(line)
        tell(sum(walked))
    return await child.wait()


async def _ended(children: Sequence[asyncio.subprocess.Process]) -> None:
    """Let no lane outlive the command."""
    for child in children:
        with suppress(ProcessLookupError):
            child.terminate()
        await child.wait()
