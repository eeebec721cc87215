"""One attempt by webhook: to an address that was checked, within one total deadline.

A name is looked up once, every address it has is checked, and the connection goes to one of those.
The socket is checked again, because an address written into the URL never meets the resolver.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from sealwatch.errors import Refused, Unavailable
from sealwatch.shell.addresses import NotAllowed, check_addresses, check_text
from sealwatch.shell.clock import Clock
from sealwatch_alerts.attempt import Outcome, Request, answered

READ_BYTES = 64 * 1024
LOOKUPS = 32  # threads: a name that hangs holds one until the system gives up; ours

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]


class SystemLookup:
    """Looks names up as the system does, on threads of its own: those of the loop are four."""

    def __init__(self) -> None:
        """Make the threads."""
        self._threads = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a name, or raise OSError."""
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return [str(entry[4][0]) for entry in found]


class CheckedResolver(AbstractResolver):
    """Resolves once and lets a connection only to addresses that were all checked."""

    def __init__(self, lookup: Lookup, *, allow_private: bool) -> None:
        """Keep whether near addresses are reachable too (the local stack only)."""
        self._lookup, self._allow_private = lookup, allow_private

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # both families are checked
    ) -> list[ResolveResult]:
        """Return the addresses of a host, or raise Refused where one of them is closed to us."""
        found = list(dict.fromkeys(await self._lookup(host, port)))
        if not found:
            raise OSError("no address")
        _check(found, allow_private=self._allow_private)
        return [_result(host, port, address) for address in found]

    async def close(self) -> None:
        """Hold nothing."""


def _check(addresses: Sequence[str], *, allow_private: bool) -> None:
    try:
        check_addresses(addresses, allow_private=allow_private)
    except NotAllowed as error:
        raise Refused(str(error)) from error


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def open_session(
    *, allow_private: bool, timeout_seconds: float, lookup: Lookup | None = None
) -> aiohttp.ClientSession:
    """Return the one session of all attempts: no proxies, no cookies, nothing inflated."""

    def checked_socket(address: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, where = address
        _check([str(where[0])], allow_private=allow_private)
        return socket.socket(family, kind, proto)

    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(lookup or SystemLookup(), allow_private=allow_private),
        use_dns_cache=False,
        family=socket.AF_UNSPEC,
        limit=0,  # the sender bounds what is in flight; a bound here would let slow ones block others
        socket_factory=checked_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=timeout_seconds),
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class WebhookChannel:
    """Makes attempts over one session."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock, *, allow_private: bool) -> None:
        """Keep the parts."""
        self._session, self._clock, self._allow_private = session, clock, allow_private

    async def send(self, request: Request) -> Outcome:
        """Return how the receiver answered, or raise Refused or Unavailable where it did not."""
        try:
            check_text(request.url, allow_private=self._allow_private)
        except NotAllowed as error:
            raise Refused(str(error)) from error
        try:
            async with self._session.post(
                request.url, data=request.body, headers=request.headers, allow_redirects=False
            ) as answer:
                body = await answer.content.read(READ_BYTES)
                return answered(answer.status, answer.headers.get("retry-after", ""), self._clock(), body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(type(error).__name__) from error
