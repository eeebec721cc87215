"""Credentials and devices in memory, fed by the compacted registry topic; intake needs no database."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from pydantic import ValidationError

from sealwatch.contracts.codec import Received
from sealwatch.contracts.registry import ENTRY, CredentialEntry, DeviceEntry
from sealwatch.errors import BrokerUnavailable
from sealwatch.shell.kafka import Tailer
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import REGISTRY_ENTRIES
from sealwatch.shell.serve import wait_or_stop

Entry = CredentialEntry | DeviceEntry

ATTEMPT_SECONDS = 5.0  # so that an end is not held up while Kafka is away; ours


class Registry:
    """The newest entry of every key."""

    def __init__(self) -> None:
        """Know nobody yet."""
        self._entries: dict[str, Entry] = {}
        self.complete = False

    async def ready(self) -> str | None:
        """Return why requests cannot be answered yet, or None."""
        return None if self.complete else "the registry was not read to its end yet"

    def credential(self, key_id: str) -> CredentialEntry | None:
        """Return the credential of a key id."""
        entry = self._entries.get(f"credential:{key_id}")
        return entry if isinstance(entry, CredentialEntry) else None

    def device(self, organisation_id: str, device_id: str) -> DeviceEntry | None:
        """Return a device of an organisation."""
        entry = self._entries.get(f"device:{organisation_id}/{device_id}")
        return entry if isinstance(entry, DeviceEntry) else None

    def take(self, records: Iterable[Received]) -> None:
        """Remember entries; a null value takes one away, and so does one that cannot be read.

        What cannot be read may have been a revocation.
        """
        for record in records:
            key = (record.key or b"").decode(errors="replace")
            self._entries.pop(key, None)
            if record.value is None:
                continue
            try:
                self._entries[key] = ENTRY.validate_json(record.value)
            except ValidationError:
                logger().error("registry entry unreadable", partition=record.partition, offset=record.offset)
        for kind in ("credential", "device"):
            REGISTRY_ENTRIES.labels(kind).set(sum(entry.kind == kind for entry in self._entries.values()))


async def follow(registry: Registry, make: Callable[[], Tailer], stopping: asyncio.Event) -> None:
    """Keep the registry up to date until asked to stop; trouble with Kafka is waited out."""
    while not stopping.is_set():
        tailer = make()
        try:
            await tailer.start(ATTEMPT_SECONDS)
            await _read(registry, tailer, stopping)
        except (BrokerUnavailable, TimeoutError) as error:
            logger().error("registry waits", reason=type(error).__name__)
            await wait_or_stop(stopping, 1.0)
        finally:
            await tailer.stop()


async def _read(registry: Registry, tailer: Tailer, stopping: asyncio.Event) -> None:
    caught_up: Callable[[], Awaitable[bool]] = tailer.caught_up
    while not stopping.is_set():
        records = await tailer.poll()
        if records:
            registry.take(records)
        if not registry.complete:
            registry.complete = await caught_up()
