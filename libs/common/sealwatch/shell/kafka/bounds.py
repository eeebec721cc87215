"""Where the partitions of a topic begin and end, asked without joining any group."""

from functools import partial
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from sealwatch.errors import Misconfigured
from sealwatch.shell.kafka.access import Where
from sealwatch.shell.kafka.connecting import ASKING_SECONDS, answered, started, stopped


class Bounds(NamedTuple):
    """The first offset that the log still has, and the one behind its last record."""

    start: int
    end: int


async def bounds_of(where: Where, topic: str) -> dict[int, Bounds]:
    """Return the bounds of every partition; raise Misconfigured where the topic is missing."""
    parts = [TopicPartition(topic, number) for number in await _partitions(where, topic)]
    consumer = await started(partial(AIOKafkaConsumer, enable_auto_commit=False), where, ASKING_SECONDS)
    try:
        async with answered("list its offsets"):
            starts = await consumer.beginning_offsets(parts)
            ends = await consumer.end_offsets(parts)
    finally:
        await stopped(consumer)
    return {part.partition: Bounds(starts[part], ends[part]) for part in parts}


async def _partitions(where: Where, topic: str) -> list[int]:
    admin = await started(AIOKafkaAdminClient, where, ASKING_SECONDS)
    try:
        async with answered("describe its topics"):
            if topic not in await admin.list_topics():
                raise Misconfigured(f"kafka has no topic {topic}: sealwatch topics apply makes it")
            (shape,) = await admin.describe_topics([topic])
    finally:
        await stopped(admin)
    return sorted(part["partition"] for part in shape["partitions"])
