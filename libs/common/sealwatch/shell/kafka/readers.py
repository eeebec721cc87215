"""Reading without a group: a whole small topic from its start, or single records by their offset."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sealwatch.contracts.codec import Received
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka.access import Where
from sealwatch.shell.kafka.connecting import (
    DEADLINE_SECONDS,
    START_SECONDS,
    Client,
    answered,
    received,
    started,
    stopped,
)

_new = partial(AIOKafkaConsumer, enable_auto_commit=False, auto_offset_reset="earliest")


class Tailer:
    """Reads a whole topic from its start and goes on, without a group: for small compacted topics."""

    def __init__(
        self,
        where: Where,
        topic: str,
        *,
        make: Callable[..., Client] = _new,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        """Keep where to read; the client that ``make`` returns has ``deadline`` seconds for each answer."""
        self._where, self._topic, self._make, self._deadline = where, topic, make, deadline
        self._ends: dict[int, int] = {}
        self._consumer: Any = None

    async def start(self, deadline: float = START_SECONDS) -> None:
        """Connect, and note the end of the topic as it stands now."""
        self._consumer = await started(partial(self._make, self._topic), self._where, deadline)
        async with answered("list the ends of a topic", self._deadline):
            ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        self._ends = {part.partition: end for part, end in ends.items()}

    async def caught_up(self) -> bool:
        """Return whether the end of the start was reached, or raise BrokerUnavailable."""
        async with answered("say how far a topic was read", self._deadline):
            for partition, end in self._ends.items():
                if await self._consumer.position(TopicPartition(self._topic, partition)) < end:
                    return False
        return True

    async def poll(self, patience: timedelta = timedelta(milliseconds=200)) -> list[Received]:
        """Return what is there, or raise BrokerUnavailable."""
        seconds = patience.total_seconds()
        async with answered("hand over a topic", seconds + self._deadline):
            found = await self._consumer.getmany(timeout_ms=int(seconds * 1000))
        return [received(record) for part in sorted(found) for record in found[part]]

    async def stop(self) -> None:
        """Leave within our deadline."""
        await stopped(self._consumer)


async def read_at(where: Where, topic: str, offsets: Mapping[int, int]) -> dict[int, Received]:
    """Return the record at exactly this offset of each partition; one that is gone is left out."""
    consumer = await started(_new, where, START_SECONDS)
    parts = {TopicPartition(topic, partition): offset for partition, offset in offsets.items()}
    found: dict[int, Received] = {}
    try:
        consumer.assign(list(parts))
        for part, offset in parts.items():
            consumer.seek(part, offset)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while waiting := [part for part in parts if part.partition not in found]:
                batch = await consumer.getmany(*waiting, timeout_ms=200)
                found |= {part.partition: received(records[0]) for part, records in batch.items()}
    except TimeoutError:
        pass  # what did not come is no longer there
    except KafkaError as error:
        raise BrokerUnavailable("kafka did not answer") from error
    finally:
        await stopped(consumer)
    return {p: record for p, record in found.items() if record.offset == offsets[p]}
