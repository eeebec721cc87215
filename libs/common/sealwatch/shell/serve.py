"""The life of a process: an HTTP server, loops beside it, and an end within a deadline."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import uvicorn
import uvloop
from starlette.types import ASGIApp

from sealwatch.errors import Misconfigured, SealwatchError
from sealwatch.shell.health import Health
from sealwatch.shell.logs import configure, logger
from sealwatch.shell.settings import ProcessSettings, Settings, load, shown

Loop = Callable[[asyncio.Event], Awaitable[None]]
COLLECT_SECONDS = 60.0  # ours
KEEP_SERVING_SECONDS = 0.2  # traffic still arrives after SIGTERM; preStop waits longer in a cluster
BACKLOG = 2048  # connections that wait to be accepted, as the server has it by default
EXIT_MISCONFIGURED = 78  # EX_CONFIG of sysexits.h


@dataclass(frozen=True)
class Service:
    """A process: what it answers and the loops it runs until ``stopping`` is set."""

    app: ASGIApp
    health: Health
    loops: Mapping[str, Loop] = field(default_factory=dict)


Wiring = Callable[[Settings], AbstractAsyncContextManager[Service]]


def run(name: str, kind: type[Settings], wire: Wiring[Settings]) -> None:
    """Read settings, wire the parts, run until SIGTERM, and leave with a true exit code."""
    try:
        settings = load(kind)
    except Misconfigured as error:
        sys.stderr.write(f"sealwatch {name}: {error}\n")
        raise SystemExit(EXIT_MISCONFIGURED) from None
    process = settings if isinstance(settings, ProcessSettings) else ProcessSettings()
    configure(name, process.log_level)
    logger().info("starting", settings=shown(settings))
    uvloop.run(_live(name, process, wire(settings)))


async def _live(name: str, settings: ProcessSettings, parts: AbstractAsyncContextManager[Service]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, stopping, settings.drain_seconds)
    try:
        async with parts as service:
            gc.disable()  # looking for cycles in the middle of a poll took a tenth of its time (measured)
            await _until_stopped(name, settings, service, stopping)
    except SealwatchError as error:
        logger().error("cannot run", reason=str(error))
        raise SystemExit(EXIT_MISCONFIGURED) from error
    logger().info("stopped")


async def collect(stopping: asyncio.Event) -> None:
    """Look for cycles once a minute among what was made since; what outlives that is looked at no more.

    What counts references frees nearly everything at once; cycles come from errors and ended tasks.
    """
    while not stopping.is_set():
        gc.collect()
        gc.freeze()
        await wait_or_stop(stopping, COLLECT_SECONDS)


def _stop(stopping: asyncio.Event, drain_seconds: float) -> None:
    """Ask everything to end, and make sure that it does: no client library may hold us up."""
    stopping.set()
    asyncio.get_running_loop().call_later(drain_seconds, _leave_now)


def _leave_now() -> None:
    logger().error("did not drain in time")
    os._exit(1)


async def _until_stopped(
    name: str, settings: ProcessSettings, service: Service, stopping: asyncio.Event
) -> None:
    server = _Server(_config(settings, service.app))
    place = listening_at(settings.http_host, settings.http_port)
    serving = asyncio.create_task(server.serve(sockets=[place]), name="http")
    loops = {
        asyncio.create_task(_looped(title, loop, stopping), name=title)
        for title, loop in {**service.loops, "collect": collect}.items()
    }
    ended = asyncio.create_task(stopping.wait(), name="stopping")
    await asyncio.wait({serving, ended, *loops}, return_when=asyncio.FIRST_COMPLETED)
    failed = [task for task in loops | {serving} if task.done() and not stopping.is_set()]
    stopping.set()
    service.health.draining = True
    logger().info("draining", process=name)
    await asyncio.sleep(KEEP_SERVING_SECONDS)
    if loops:
        await asyncio.wait(loops, timeout=settings.drain_seconds * 0.8)
    server.should_exit = True
    await asyncio.wait({serving}, timeout=settings.drain_seconds * 0.1)
    ended.cancel()
    for task in failed:
        raise SealwatchError(f"{task.get_name()} ended by itself")


def listening_at(host: str, port: int) -> socket.socket:
    """Return a listening socket, or raise Misconfigured: the server's own word would go to its quiet log."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Misconfigured(f"cannot listen on port {port} of {host}: {error.strerror}") from error


async def _looped(title: str, loop: Loop, stopping: asyncio.Event) -> None:
    try:
        await loop(stopping)
    except Exception:  # the outermost loop: say it once, and let the process be started anew
        logger().exception("loop failed", loop=title)
        raise


def _config(settings: ProcessSettings, app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=max(1, int(settings.drain_seconds * 0.1)),
    )


class _Server(uvicorn.Server):
    """The server without its own signal handling: signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


async def wait_or_stop(stopping: asyncio.Event, seconds: float) -> bool:
    """Wait ``seconds``, or less when the process is asked to stop; return whether it was."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
    return stopping.is_set()


async def take_turns(
    turn: Callable[[], Awaitable[object]],
    every_seconds: float,
    stopping: asyncio.Event,
    passing: tuple[type[Exception], ...],
) -> None:
    """Take a turn every so many seconds until asked to stop; what passes by itself waits for the next one."""
    while not await wait_or_stop(stopping, every_seconds):
        with contextlib.suppress(*passing):
            await turn()
