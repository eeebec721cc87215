"""Where the partitions of a topic begin and end, asked without joining any group."""

import asyncio
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
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
    parts = [TopicPartition(topic, number) for number in await _partitions(bootstrap, topic)]
    consumer = await started(
        lambda: AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False), ASKING_SECONDS
    )
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            starts = await consumer.beginning_offsets(parts)
            ends = await consumer.end_offsets(parts)
    except (KafkaError, TimeoutError) as error:
        raise BrokerUnavailable("kafka did not list its offsets") from error
    finally:
        await stopped(consumer)
    return {part.partition: Bounds(starts[part], ends[part]) for part in parts}


async def _partitions(bootstrap: str, topic: str) -> list[int]:
    admin = await started(lambda: AIOKafkaAdminClient(bootstrap_servers=bootstrap), ASKING_SECONDS)
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            if topic not in await admin.list_topics():
                raise Misconfigured(f"kafka has no topic {topic}: sealwatch topics apply makes it")
            (shape,) = await admin.describe_topics([topic])
    except (KafkaError, TimeoutError) as error:
        raise BrokerUnavailable("kafka did not describe its topics") from error
    finally:
        await stopped(admin)
    return sorted(part["partition"] for part in shape["partitions"])
