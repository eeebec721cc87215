"""What the routes need from outside."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request

from sealwatch.contracts.links import LinkKeys
from sealwatch.shell.clock import Clock
from sealwatch.shell.first_policy import FirstPolicy
from sealwatch_api.feed.cap import Issuer
from sealwatch_api.queries.tenancy import work_as


@dataclass(frozen=True, slots=True)
class Parts:
    """Database, policy, secrets, clock and randomness; ``check_url`` raises ValueError.

    ``first`` is the policy that holds until a published version does. Without ``link_keys`` no signed
    link is good, without an ``issuer`` nothing is public.
    """

    engine: AsyncEngine
    first: FirstPolicy
    seal: Callable[[bytes], bytes]
    cursor_key: bytes
    clock: Clock
    randomness: Callable[[int], bytes]
    check_url: Callable[[str], Awaitable[None]]
    link_keys: LinkKeys | None = None
    issuer: Issuer | None = None

    @asynccontextmanager
    async def transaction(self, organisation: str) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that sees the rows of one organisation."""
        async with self.engine.begin() as connection:
            await work_as(connection, organisation)
            yield connection


def parts_of(request: Request) -> Parts:
    """Return the parts that the application was made with."""
    return cast("Parts", request.app.state.parts)
