"""The yardstick of the scorer: read everything, decode it, do nothing with it.

Reads a plan from standard input and writes what it saw to standard output. Uses the Kafka client
itself, since it is what the product's own layer over it is compared with.
"""

import asyncio
import os
import sys
import time

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.process import pin
from sealwatch.contracts.log import InspectionReported
from sealwatch.contracts.topics import DEFAULT_PARTITIONS, EVIDENCE

MOST_RECORDS = 5_000
PATIENCE_SECONDS = 120.0


class Plan(msgspec.Struct):
    """Where to read and how often."""

    bootstrap: str
    passes: int
    partitions: int = DEFAULT_PARTITIONS


class Seen(msgspec.Struct):
    """What one pass took, and what is in the topic."""

    seconds: list[float]
    cpu_seconds: list[float]
    events: int


async def consumed(plan: Plan) -> Seen:
    """Read the whole topic so many times, each time as a new consumer; without a pass only count it."""
    seen = Seen([], [], 0)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(max(1, plan.passes)):
            consumer = AIOKafkaConsumer(
                bootstrap_servers=plan.bootstrap,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=50,
                max_partition_fetch_bytes=4 * 1024 * 1024,
            )
            await consumer.start()
            try:
                await _once(consumer, plan, seen)
            finally:
                await consumer.stop()
    return seen


async def _once(consumer: AIOKafkaConsumer, plan: Plan, seen: Seen) -> None:
    parts = [TopicPartition(EVIDENCE.name, part) for part in range(plan.partitions)]
    consumer.assign(parts)
    seen.events = sum((await consumer.end_offsets(parts)).values())
    if plan.passes:
        started, used = time.perf_counter(), time.process_time()
        await _drained(consumer, seen.events)
        seen.seconds.append(time.perf_counter() - started)
        seen.cpu_seconds.append(time.process_time() - used)


async def _drained(consumer: AIOKafkaConsumer, total: int) -> None:
    decode = msgspec.json.Decoder(InspectionReported).decode
    left = total
    while left > 0:
        batches = await consumer.getmany(timeout_ms=50, max_records=MOST_RECORDS)
        for records in batches.values():
            for record in records:
                decode(record.value)
            left -= len(records)


def main() -> None:
    """Do as the plan says."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    pin(os.getpid())
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(consumed(plan))))


if __name__ == "__main__":
    main()
