"""Consuming in a group whose positions come from the database."""

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from sealwatch.contracts.codec import Received
from sealwatch.errors import BrokerUnavailable, OutOfRange
from sealwatch.shell.kafka.access import Where
from sealwatch.shell.kafka.connecting import (
    DEADLINE_SECONDS,
    START_SECONDS,
    answered,
    received,
    started,
    stopped,
)


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
        self, where: Where, topic: str, group: str, *, instance: str, session_timeout: timedelta
    ) -> None:
        """Keep where to join; ``instance`` is the static member id."""
        self.topic = topic
        self._owned = _Owned()
        self._positions: dict[int, int] = {}
        timeout_ms = int(session_timeout.total_seconds() * 1000)
        self._where = where
        self._new = partial(
            AIOKafkaConsumer,
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
        self._consumer = await started(self._new, self._where, deadline)
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
        """Return what is there, in offset order per partition; raise OutOfRange where a gap was cut.

        In a rebalance the client waits for its end, however long that takes; we return with nothing.
        """
        try:
            async with asyncio.timeout(patience.total_seconds() + DEADLINE_SECONDS):
                found = await self._consumer.getmany(
                    timeout_ms=int(patience.total_seconds() * 1000), max_records=max_records
                )
        except TimeoutError:
            return []
        except NoOffsetForPartitionError:
            self.seek(self._positions)  # the client looked before our seek
            return []
        except OffsetOutOfRangeError as error:
            beyond = frozenset(part.partition for part in error.args[0])
            raise OutOfRange("offset_out_of_range: retention passed the position", beyond) from error
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
        async with answered("list its offsets"):
            found = await getattr(self._consumer, method)(asked)
        return {part.partition: offset for part, offset in found.items()}
