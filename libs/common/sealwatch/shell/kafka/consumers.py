"""Consuming: a group whose positions come from the database, and a reader of whole small topics."""

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from sealwatch.contracts.codec import Received
from sealwatch.errors import BrokerUnavailable, Halted
from sealwatch.shell.kafka.connecting import DEADLINE_SECONDS, START_SECONDS, received, started, stopped


class _Owned(ConsumerRebalanceListener):  # type: ignore[misc]  # the client ships no types
    """Notes what is assigned; the loop sees the new generation and reads its positions again."""

    def __init__(self) -> None:
        self.generation = 0
        self.assigned: frozenset[int] = frozenset()
        self.answered = False

    def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Forget at once what is no longer ours."""
        if revoked:
            self.assigned = frozenset()
            self.answered = False
            self.generation += 1

    def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Remember what is ours now."""
        self.assigned = frozenset(part.partition for part in assigned)
        self.answered = True
        self.generation += 1


class GroupConsumer:
    """A member of a group whose positions come from the database, never from Kafka."""

    def __init__(
        self, bootstrap: str, topic: str, group: str, *, instance: str, session_timeout: timedelta
    ) -> None:
        """Keep where to join; ``instance`` is the static member id."""
        self.topic = topic
        self._owned = _Owned()
        self._positions: dict[int, int] = {}
        timeout_ms = int(session_timeout.total_seconds() * 1000)
        self._new = lambda: AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            group_instance_id=instance,
            enable_auto_commit=False,
            auto_offset_reset="none",
            session_timeout_ms=timeout_ms,
            heartbeat_interval_ms=max(300, timeout_ms // 6),
            max_poll_interval_ms=300_000,
            rebalance_timeout_ms=timeout_ms,
            fetch_max_wait_ms=50,
            metadata_max_age_ms=10_000,  # a topic made anew is heard of soon, not after five minutes
            max_partition_fetch_bytes=4 * 1024 * 1024,
        )
        self._consumer: Any = None

    @property
    def generation(self) -> int:
        """Return a number that changes with every assignment."""
        return self._owned.generation

    @property
    def assigned(self) -> frozenset[int]:
        """Return the partitions that the group gave us."""
        return self._owned.assigned

    @property
    def answered(self) -> bool:
        """Return whether the group has said which partitions are ours, be it none."""
        return self._owned.answered

    async def start(self, deadline: float = START_SECONDS) -> None:
        """Join, trying again until the deadline."""
        self._consumer = await started(self._new, deadline)
        self._consumer.subscribe([self.topic], listener=self._owned)

    async def stop(self) -> None:
        """Leave within our deadline."""
        await stopped(self._consumer)

    def seek(self, positions: Mapping[int, int]) -> None:
        """Go on from these offsets."""
        self._positions = dict(positions)
        for partition, offset in positions.items():
            with contextlib.suppress(KafkaError):  # revoked meanwhile: the generation says so
                self._consumer.seek(TopicPartition(self.topic, partition), offset)

    def pause(self, partitions: Iterable[int]) -> None:
        """Fetch no more of these partitions; an assignment ends the pause."""
        for partition in partitions:
            with contextlib.suppress(KafkaError):  # revoked meanwhile: the generation says so
                self._consumer.pause(TopicPartition(self.topic, partition))

    async def poll(self, max_records: int, patience: timedelta) -> list[Received]:
        """Return what is there, in offset order per partition; raise Halted where a gap was cut."""
        try:
            found = await self._consumer.getmany(
                timeout_ms=int(patience.total_seconds() * 1000), max_records=max_records
            )
        except NoOffsetForPartitionError:
            self.seek(self._positions)  # the client looked before our seek
            return []
        except OffsetOutOfRangeError as error:
            raise Halted("offset_out_of_range: retention passed the position") from error
        except KafkaError as error:
            raise BrokerUnavailable(type(error).__name__) from error
        return [received(r) for part in sorted(found) for r in found[part]]

    async def starts(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the first offset that the log still has, by partition."""
        return await self._bounds("beginning_offsets", partitions)

    async def ends(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the offset behind the last record, by partition."""
        return await self._bounds("end_offsets", partitions)

    async def commit_for_dashboards(self, positions: Mapping[int, int]) -> None:
        """Tell Kafka how far we are, so that lag can be drawn; a failure changes nothing."""
        offsets = {TopicPartition(self.topic, p): offset for p, offset in positions.items()}
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._consumer.commit(offsets)

    async def _bounds(self, method: str, partitions: Iterable[int]) -> dict[int, int]:
        asked = [TopicPartition(self.topic, partition) for partition in partitions]
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                found = await getattr(self._consumer, method)(asked)
        except (KafkaError, TimeoutError) as error:
            raise BrokerUnavailable("kafka did not list its offsets") from error
        return {part.partition: offset for part, offset in found.items()}


class Tailer:
    """Reads a whole topic from its start and goes on, without a group: for small compacted topics."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        """Keep where to read."""
        self._topic = topic
        self._ends: dict[int, int] = {}
        self._consumer: Any = None
        self._new = lambda: AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )

    async def start(self, deadline: float = START_SECONDS) -> None:
        """Connect, and note the end of the topic as it stands now."""
        self._consumer = await started(self._new, deadline)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        except (KafkaError, TimeoutError) as error:
            raise BrokerUnavailable("kafka did not list the ends of a topic") from error
        self._ends = {part.partition: end for part, end in ends.items()}

    async def caught_up(self) -> bool:
        """Return whether the end of the start was reached."""
        for partition, end in self._ends.items():
            if await self._consumer.position(TopicPartition(self._topic, partition)) < end:
                return False
        return True

    async def poll(self, patience: timedelta = timedelta(milliseconds=200)) -> list[Received]:
        """Return what is there."""
        found = await self._consumer.getmany(timeout_ms=int(patience.total_seconds() * 1000))
        return [received(record) for part in sorted(found) for record in found[part]]

    async def stop(self) -> None:
        """Leave within our deadline."""
        await stopped(self._consumer)


async def read_at(bootstrap: str, topic: str, offsets: Mapping[int, int]) -> dict[int, Received]:
    """Return the record at exactly this offset of each partition; one that is gone is left out."""
    consumer = await started(
        lambda: AIOKafkaConsumer(
            bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        ),
        START_SECONDS,
    )
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
