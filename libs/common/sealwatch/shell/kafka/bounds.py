"""Where the partitions of a topic begin and end, asked without joining any group."""

import asyncio
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from sealwatch.errors import BrokerUnavailable, Misconfigured
from sealwatch.shell.kafka.connecting import DEADLINE_SECONDS, started, stopped

ASKING_SECONDS = 10.0  # a person waits for the answer; ours


class Bounds(NamedTuple):
    """The first offset that the log still has, and the one behind its last record."""

    start: int
    end: int


async def bounds_of(bootstrap: str, topic: str) -> dict[int, Bounds]:
    """Return the bounds of every partition; raise Misconfigured where the topic is missing."""
    consumer = await started(
        lambda: AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False), ASKING_SECONDS
    )
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            numbers = await _partitions(consumer, topic)
            parts = [TopicPartition(topic, number) for number in sorted(numbers)]
            starts = await consumer.beginning_offsets(parts)
            ends = await consumer.end_offsets(parts)
    except (KafkaError, TimeoutError) as error:
        raise BrokerUnavailable("kafka did not list its offsets") from error
    finally:
        await stopped(consumer)
    return {part.partition: Bounds(starts[part], ends[part]) for part in parts}


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    if topic not in await consumer.topics():
        raise Misconfigured(f"kafka has no topic {topic}: sealwatch topics apply")
    return set(consumer.partitions_for_topic(topic) or ())
