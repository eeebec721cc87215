"""`sealwatch local up`: start the real parts, keep them running, stop them all."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from sealwatch_cli.local.crew import Crew, Say, run_chore
from sealwatch_cli.local.lock import only_supervisor
from sealwatch_cli.local.processes import Register
from sealwatch_cli.local.stack import Stack, Table
from sealwatch_cli.local.starting import Options, Parts, Sources, choose_sources, start_members, start_servers

AfterStart = Callable[[Stack], Awaitable[int]]

INTERRUPTED = 130


async def up(options: Options, table: Table, *, say: Say, after_start: AfterStart | None = None) -> int:
    """Run the stack until a signal, or with `once` until `after_start` returned; return the exit code.

    Everything is stopped when this returns, whatever happened.
    """
    sources = await asyncio.to_thread(choose_sources, os.environ)
    with only_supervisor(options.data):
        register = Register(options.data / "processes.json")
        for orphan in await asyncio.to_thread(register.end_all):
            say(f"ended {orphan.name} (pid {orphan.pid}), which a killed supervisor had left behind")
        stop = _on_signals()
        parts = Parts(table, register, Crew(say), say)
        work = asyncio.create_task(_serve(options, sources, parts, after_start))
        try:
            return await _first_of(work, stop, once=options.once)
        finally:
            say("stopping")
            register.close()
            await asyncio.to_thread(register.end_all)


def _on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, stop.set)
    return stop


async def _first_of(work: asyncio.Task[int], stop: asyncio.Event, *, once: bool) -> int:
    """Return the result of the work, or stop it when asked to: an unfinished `once` is a failure."""
    asked = asyncio.create_task(stop.wait())
    await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if work.done():
        return work.result()
    work.cancel()
    await asyncio.wait({work})
    return INTERRUPTED if once else 0


async def _serve(options: Options, sources: Sources, parts: Parts, after_start: AfterStart | None) -> int:
    try:
        stack = await start_servers(options, sources, parts)
        for chore in parts.table.chores:
            await run_chore(chore, stack, parts.register)
        await start_members(stack, parts)
        code = 0 if after_start is None else await after_start(stack)
        if options.once:
            return code
        await asyncio.Event().wait()  # until somebody cancels us
        return code
    finally:
        await parts.crew.dismiss()
