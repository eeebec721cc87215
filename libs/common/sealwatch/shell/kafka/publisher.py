"""Publishing: send records as batches, gathered for a few milliseconds while they stream, acks=all."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from sealwatch.contracts.codec import Record
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka.access import Where
from sealwatch.shell.kafka.connecting import DEADLINE_SECONDS, START_SECONDS, started, stopped
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import PUBLISH_FAILURES, UNCONFIRMED_BYTES
from sealwatch.shell.serve import wait_or_stop

PACE_SECONDS = (
    0.005  # between two sendings: under load a few milliseconds fill them; measured in bench/README.md
)
BATCH_BYTES = 256 * 1024  # uncompressed; well under max.message.bytes once it is zstd
OVERHEAD_BYTES = 400  # headers and framing of one record, for the bound on bytes in flight; ours
RETRY_SECONDS = 1.0
NOT_REACHED = "kafka was not reached yet"
Lane = tuple[str, int]


@lru_cache(maxsize=200_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key, as every Kafka client has it."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


class _Filling:
    """A batch that is being filled for one partition, and the wait of everybody who filled it."""

    __slots__ = ("batch", "bytes", "done", "due")

    def __init__(self, batch: Any) -> None:  # noqa: ANN401  # the client ships no types
        self.batch = batch
        self.bytes = 0
        self.due = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.done.add_done_callback(_seen)


def _seen(done: asyncio.Future[None]) -> None:
    """Look at the outcome even when nobody waits any longer."""
    if not done.cancelled():
        done.exception()


def _size_of(record: Record) -> int:
    """Return about how many bytes a record holds until it is confirmed."""
    return len(record.key) + len(record.value or b"") + OVERHEAD_BYTES


async def confirmed(waits: Collection[asyncio.Future[None]], seconds: float = DEADLINE_SECONDS) -> None:
    """Return once all are confirmed, raise the first failure, or TimeoutError; none is ever cancelled.

    Others wait for the same batches.
    """
    if not waits:
        return
    done, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for one in done:
        one.result()
    if pending:
        raise TimeoutError


class Publisher:
    """Sends records as batches, those of a few milliseconds while they stream; idempotent, acks=all."""

    def __init__(self, where: Where, *, max_in_flight_bytes: int = 64 * 1024 * 1024) -> None:
        """Keep where Kafka is and how many unconfirmed bytes are bearable."""
        self._where = where
        self._limit = max_in_flight_bytes
        self._producer: Any = None
        self._partitions: dict[str, int] = {}
        self._filling: dict[Lane, _Filling] = {}
        self._ripens: asyncio.TimerHandle | None = None
        self._ripened = 0.0
        self._turns: dict[Lane, asyncio.Lock] = {}
        self._under_way: Counter[Lane] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_flight = 0
        self._trouble: str | None = "has not connected yet"

    async def start(self, deadline: float = START_SECONDS) -> None:
        """Connect, trying again until the deadline."""
        self._producer = await started(_producer, self._where, deadline)
        self._trouble = None

    async def keep_connected(self, stopping: asyncio.Event) -> None:
        """Connect, however long it takes, and stay until asked to stop: the first loop of a process.

        A process that waits for Kafka is alive and not ready; one that ended would be started again
        and again for as long as Kafka is away.
        """
        while self._producer is None and not stopping.is_set():
            try:
                await self.start(DEADLINE_SECONDS)
            except BrokerUnavailable:
                if self._trouble != NOT_REACHED:
                    logger().error("kafka not reached")
                self._trouble = NOT_REACHED
                await wait_or_stop(stopping, RETRY_SECONDS)
        await stopping.wait()

    async def stop(self) -> None:
        """Send what is gathered and leave within our deadline."""
        for lane in list(self._filling):
            self._flush(lane)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DEADLINE_SECONDS)
        await stopped(self._producer)

    async def ready(self) -> str | None:
        """Return why records would not be confirmed now, or None."""
        if self._in_flight > self._limit:
            return "too many unconfirmed bytes"
        return self._trouble

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once every record is confirmed by all replicas in sync, or raise BrokerUnavailable."""
        if self._producer is None:
            raise BrokerUnavailable(NOT_REACHED)
        size = sum(map(_size_of, records))
        if self._in_flight + size > self._limit:
            raise BrokerUnavailable("too many unconfirmed bytes")
        try:
            for topic in {record.topic for record in records}:
                if topic not in self._partitions:
                    await self._learn(topic)
            await confirmed(self._gather(records))
        except (KafkaError, TimeoutError) as error:
            self._trouble = "kafka does not confirm"
            raise BrokerUnavailable("kafka did not confirm in time; it may still be written") from error

    async def _learn(self, topic: str) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            self._partitions[topic] = len(await self._producer.partitions_for(topic))

    def _gather(self, records: Iterable[Record]) -> set[asyncio.Future[None]]:
        waits = set()
        for record in records:
            lane = (record.topic, partition_of(record.key, self._partitions[record.topic]))
            filling = self._filling.get(lane) or self._begin(lane)
            if not self._append(filling, record):
                self._flush(lane)
                filling = self._begin(lane)
                self._append(filling, record)
            waits.add(filling.done)
        return waits

    def _append(self, filling: _Filling, record: Record) -> bool:
        added = filling.batch.append(
            timestamp=None, key=record.key, value=record.value, headers=list(record.headers)
        )
        if added is not None:
            size = _size_of(record)
            filling.bytes += size
            self._in_flight += size
        return added is not None

    def _begin(self, lane: Lane) -> _Filling:
        filling = self._filling[lane] = _Filling(self._producer.create_batch())
        if self._ripens is None:
            loop = asyncio.get_running_loop()
            self._ripens = loop.call_at(max(loop.time(), self._ripened + PACE_SECONDS), self._ripen)
        return filling

    def _ripen(self) -> None:
        """Send what was gathered, of all partitions in one request; after a pause at once."""
        self._ripens, self._ripened = None, asyncio.get_running_loop().time()
        for lane, filling in list(self._filling.items()):
            filling.due = True
            self._flush_if_free(lane)

    def _flush_if_free(self, lane: Lane) -> None:
        """Send what was gathered long enough, once no batch of its partition is under way.

        The client has one batch of a partition under way at a time: many small ones would queue.
        """
        filling = self._filling.get(lane)
        if filling is not None and filling.due and not self._under_way[lane]:
            self._flush(lane)

    def _flush(self, lane: Lane) -> None:
        filling = self._filling.pop(lane)
        self._under_way[lane] += 1
        task = asyncio.create_task(self._send(lane, filling))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, lane: Lane, filling: _Filling) -> None:
        """Hand batches of one partition over in order, then wait for the confirmation."""
        UNCONFIRMED_BYTES.set(self._in_flight)
        try:
            async with self._turns.setdefault(lane, asyncio.Lock()):
                confirmed = await self._handed_over(lane, filling)
            await confirmed
        except (KafkaError, OSError) as error:
            self._failed(filling, error)
        else:
            self._trouble = None
            if not filling.done.done():
                filling.done.set_result(None)
        finally:
            self._in_flight -= filling.bytes
            self._under_way[lane] -= 1
            self._flush_if_free(lane)

    async def _handed_over(self, lane: Lane, filling: _Filling) -> Any:  # noqa: ANN401  # the client's future
        topic, partition = lane
        while True:
            try:
                return await self._producer.send_batch(filling.batch, topic, partition=partition)
            except KafkaError as error:
                if "Timeout" not in type(error).__name__:
                    raise  # only a full queue is waited out: the caller has long had its 503

    def _failed(self, filling: _Filling, error: Exception) -> None:
        """Tell who waits; an idempotent producer that refused a batch is not to be trusted again."""
        name = type(error).__name__
        PUBLISH_FAILURES.labels(name).inc()
        logger().error("batch not confirmed", error=name)
        self._trouble = f"kafka refused a batch: {name}"
        if not filling.done.done():
            filling.done.set_exception(KafkaError(name))
        task = asyncio.create_task(self._renew(self._producer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _renew(self, broken: Any) -> None:  # noqa: ANN401  # the client ships no types
        if self._producer is not broken:
            return
        with contextlib.suppress(BrokerUnavailable):
            self._producer = await started(_producer, self._where, START_SECONDS)
            self._trouble = None
        await stopped(broken)


def _producer(**reached: Any) -> Any:  # noqa: ANN401  # the client ships no types
    return AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        max_batch_size=BATCH_BYTES,
        request_timeout_ms=30_000,
        **reached,
    )
