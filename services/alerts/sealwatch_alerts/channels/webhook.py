"""One attempt by webhook: to an address that was checked, within one total deadline."""

import socket
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from sealwatch.errors import DeliveryFailed, Refused, Unavailable
from sealwatch.shell.addresses import NotAllowed, check_addresses, check_text
from sealwatch.shell.clock import Clock
from sealwatch_alerts.attempt import Request
from sealwatch_alerts.retry import patience

READ_BYTES = 64 * 1024
SUCCESS = range(200, 300)


class CheckedResolver(AbstractResolver):
    """Resolves once and lets a connection only to addresses that were all checked."""

    def __init__(self, *, allow_private: bool) -> None:
        """Keep whether private addresses are reachable (the local stack only)."""
        self._allow_private = allow_private
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host, or raise OSError where one of them is closed to us."""
        found = await self._resolver.resolve(host, port, family)
        if not self._allow_private:
            try:
                check_addresses(entry["host"] for entry in found)
            except NotAllowed as error:
                raise OSError(str(error)) from error
        return found

    async def close(self) -> None:
        """Release the resolver."""
        await self._resolver.close()


def open_session(*, allow_private: bool, timeout_seconds: float) -> aiohttp.ClientSession:
    """Return the one session of all attempts: no proxies, no cookies, nothing inflated."""
    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(allow_private=allow_private),
        use_dns_cache=False,
        family=socket.AF_UNSPEC,
        limit=0,
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

    async def send(self, request: Request) -> int:
        """Return the status of a success, or raise Refused or Unavailable."""
        if not self._allow_private:
            try:
                check_text(request.url)
            except NotAllowed as error:
                raise Unavailable(str(error)) from error
        try:
            async with self._session.post(
                request.url, data=request.body, headers=request.headers, allow_redirects=False
            ) as answer:
                await answer.content.read(READ_BYTES)
                failure = self._failure_of(answer)
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable(type(error).__name__) from error
        if failure is not None:
            raise failure
        return status

    def _failure_of(self, answer: aiohttp.ClientResponse) -> DeliveryFailed | None:
        if answer.status in SUCCESS:
            return None
        if answer.status == HTTPStatus.GONE:
            return Refused("status 410: the endpoint is gone")
        wait: Any = patience(answer.headers.get("retry-after", ""), self._clock())
        return Unavailable(f"status {answer.status}", wait)
