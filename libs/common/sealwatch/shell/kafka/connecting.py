"""Connecting to Kafka and leaving it, both within a deadline of ours."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from aiokafka.errors import KafkaError

from sealwatch.contracts.codec import Received
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka.access import Where, address_of, options

DEADLINE_SECONDS = 3.0
START_SECONDS = 60.0
ASKING_SECONDS = 10.0  # a person waits for the answer; ours
PAUSE_SECONDS = 0.3

Client = Any
"""A producer, consumer or administrator; the client library ships no types."""


async def started(make: Callable[..., Client], where: Where, deadline: float) -> Client:
    """Return a connected client, trying again until the deadline, or raise BrokerUnavailable.

    ``make`` is given the options of the connection.
    """
    ends = asyncio.get_running_loop().time() + deadline
    while True:
        client = make(**options(where))
        try:
            async with asyncio.timeout(max(1.0, min(10.0, deadline))):
                await client.start()
        except (KafkaError, TimeoutError, OSError) as error:
            await stopped(client)
            if asyncio.get_running_loop().time() > ends:
                raise BrokerUnavailable(
                    f"no answer from kafka at {address_of(where)} within {deadline:.0f} s"
                ) from error
            await asyncio.sleep(PAUSE_SECONDS)
        else:
            return client


@contextlib.asynccontextmanager
async def answered(what: str, seconds: float = DEADLINE_SECONDS) -> AsyncIterator[None]:
    """Give what is awaited inside a deadline of ours, and name it in a BrokerUnavailable when it fails."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (KafkaError, TimeoutError) as error:
        raise BrokerUnavailable(f"kafka did not {what}: {type(error).__name__}") from error


async def stopped(client: Client) -> None:
    """Stop a client; with the broker down its own stop would hang or raise CancelledError."""
    if client is None:
        return
    stop = client.close if hasattr(client, "close") else client.stop
    task = asyncio.ensure_future(stop())
    await asyncio.wait({task}, timeout=DEADLINE_SECONDS)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, KafkaError, OSError):
        await asyncio.wait({task}, timeout=DEADLINE_SECONDS)
    if task.done() and not task.cancelled():
        task.exception()


def received(record: Any) -> Received:  # noqa: ANN401  # the client ships no types
    """Return a record as the contracts know it."""
    return Received(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        record.headers,
    )
