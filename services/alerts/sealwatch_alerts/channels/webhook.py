"""One attempt by webhook: to an address that was checked, within one total deadline.

A name is looked up once, every address it has is checked, and the connection goes to one of those.
The socket is checked again, because an address written into the URL never meets the resolver.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from sealwatch.errors import Unavailable
from sealwatch.shell.addresses import NOTHING, NotAllowed, Ours, check_addresses, check_text
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

    def __init__(self, lookup: Lookup, *, allow_private: bool, ours: Ours = NOTHING) -> None:
        """Keep whether near addresses are reachable too (the local stack only), and which are our own."""
        self._lookup, self._allow_private, self._ours = lookup, allow_private, ours

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # both families are checked
    ) -> list[ResolveResult]:
        """Return the addresses of a host, or raise Unavailable where one of them is closed to us."""
        found = list(dict.fromkeys(await self._lookup(host, port)))
        if not found:
            raise OSError("no address")
        _check(found, allow_private=self._allow_private, ours=self._ours)
        return [_result(host, port, address) for address in found]

    async def close(self) -> None:
        """Hold nothing."""


def _check(addresses: Sequence[str], *, allow_private: bool, ours: Ours) -> None:
    try:
        check_addresses(addresses, allow_private=allow_private, ours=ours)
    except NotAllowed as error:
        raise _closed(error) from error


def _closed(error: NotAllowed) -> Unavailable:
    """Return the failure of an attempt at a closed address: a name may have another one at the next try."""
    return Unavailable(str(error), kind="address_refused")


def _result(host: str, port: int, address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What may be reached, how long an attempt may take in all, how names are looked up, whom to trust.

    Near addresses are for the local stack only; without ``trust`` the system's certificates count.
    """

    allow_private: bool
    timeout_seconds: float
    ours: Ours = NOTHING
    lookup: Lookup | None = None
    trust: ssl.SSLContext | None = None


def open_session(reach: Reach) -> aiohttp.ClientSession:
    """Return the one session of all attempts: no proxies, no cookies, nothing inflated."""
    lookup = reach.lookup or SystemLookup()

    def checked_socket(address: tuple[Any, ...]) -> socket.socket:
        family, kind, proto, _, where = address
        _check([str(where[0])], allow_private=reach.allow_private, ours=reach.ours)
        return socket.socket(family, kind, proto)

    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(lookup, allow_private=reach.allow_private, ours=reach.ours),
        ssl=reach.trust or True,
        use_dns_cache=False,
        family=socket.AF_UNSPEC,
        limit=0,  # the sender bounds what is in flight; a bound here would let slow ones block others
        socket_factory=checked_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=reach.timeout_seconds),
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class WebhookChannel:
    """Makes attempts over one session."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock, reach: Reach) -> None:
        """Keep the parts."""
        self._session, self._clock, self._reach = session, clock, reach

    async def send(self, request: Request) -> Outcome:
        """Return how the receiver answered, or raise Unavailable where it did not."""
        try:
            check_text(request.url, allow_private=self._reach.allow_private, ours=self._reach.ours)
        except NotAllowed as error:
            raise _closed(error) from error
        try:
            async with self._session.post(
                request.url, data=request.body, headers=request.headers, allow_redirects=False
            ) as answer:
                body = await _read(answer.content)
                return answered(answer.status, answer.headers.get("retry-after", ""), self._clock(), body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(_said(error), kind=_kind(error)) from error


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Return the answer as it came, to its end or to 64 KB; the deadline of the attempt holds here too."""
    chunks: list[bytes] = []
    room = READ_BYTES
    while room and (chunk := await content.read(room)):
        chunks.append(chunk)
        room -= len(chunk)
    return b"".join(chunks)


def _kind(error: Exception) -> str:
    """Return the word under which an attempt without a status is counted."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientSSLError):
        return "tls"
    if isinstance(error, (aiohttp.ClientResponseError, aiohttp.ClientPayloadError)):
        return "answer"
    return "connection" if isinstance(error, (aiohttp.ClientConnectionError, OSError)) else "other"


def _said(error: Exception) -> str:
    """Return what is kept of an error: its name, and what is wrong with a certificate, no receiver's word."""
    name = type(error).__name__
    wrong = getattr(getattr(error, "certificate_error", None), "verify_message", "")
    return f"{name}: {wrong}" if wrong else name
