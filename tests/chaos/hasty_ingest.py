"""A deliberately broken intake: it answers 202 before Kafka has confirmed anything."""

import asyncio
from collections.abc import Sequence
from functools import partial

from sealwatch.contracts.codec import Record
from sealwatch.shell.kafka import Publisher
from sealwatch.shell.serve import run
from sealwatch.shell.settings import IngestSettings
from sealwatch_ingest.__main__ import wire


class HastyPublisher(Publisher):
    """Publishes behind the back of who asked."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Return at once; nobody hears of a failure."""
        task = asyncio.create_task(super().publish(records))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._tasks.add(task)


if __name__ == "__main__":
    run("ingest", IngestSettings, partial(wire, make_publisher=HastyPublisher))
