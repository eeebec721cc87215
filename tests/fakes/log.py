"""A Kafka that remembers what was published, or cannot be reached."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sealwatch.contracts.codec import Record
from sealwatch.errors import BrokerUnavailable


@dataclass
class MemoryLog:
    up: bool = True
    records: list[Record] = field(default_factory=list)

    async def publish(self, records: Sequence[Record]) -> None:
        if not self.up:
            raise BrokerUnavailable("down")
        self.records.extend(records)
