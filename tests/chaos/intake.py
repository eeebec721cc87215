"""A real intake with senders that write every 202 into a ledger on disk before they believe it."""

import asyncio
import contextlib
import itertools
import json
import os
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import aiohttp

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Stamp, attributes_of
from sealwatch.contracts.credentials import ID_BYTES, SECRET_BYTES, mint
from sealwatch.contracts.registry import CredentialEntry
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.shell.clock import utc_now
from sealwatch.shell.kafka import Tailer
from sealwatch_api.registry import entry_record
from sealwatch_cli.local.kafka import Broker
from tests.chaos.harness import Harness
from tests.factories import inspection

KEY = mint(bytes(range(ID_BYTES + SECRET_BYTES)))  # the tests' own
SENDER = Stamp("centre", "spot-checks", "national_spot_check", accredited=True)
ENTRY = CredentialEntry(
    key_id=KEY.key_id,
    digest=KEY.digest,
    organisation_id=SENDER.organisation,
    source_id=SENDER.source,
    scopes=("events:write",),
    source_classes={"inspection": "national_spot_check"},
    accredited=True,
)
PRODUCTS = 50
NO_ANSWER = 0
GIVE_UP = aiohttp.ClientTimeout(total=30)
PAUSE_SECONDS = 0.05  # of a sender that was not served


class Answer(NamedTuple):
    """What a sender was told, and how long that took; status 0 when it was told nothing."""

    status: int
    seconds: float
    retry_after: str | None = None


class Door:
    """An ingest process on its broker, the senders before it, and their ledger."""

    def __init__(self, harness: Harness, broker: Broker, module: Sequence[str]) -> None:
        self.harness, self.broker, self._module = harness, broker, module
        self.posted: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self._numbers = itertools.count()
        self._ledger = harness.folder / "ledger"
        self._lines = self._ledger.open("a", encoding="ascii")
        self._http = aiohttp.ClientSession(timeout=GIVE_UP, headers={"Authorization": f"Bearer {KEY.key}"})

    async def open(self) -> None:
        """Let the sender in, and wait until it is served."""
        await self.harness.publisher.publish([entry_record(ENTRY, SENDER, utc_now())])
        self.harness.spawn("ingest", self._module, {})
        assert await self.harness.until(self.serves)

    async def close(self) -> None:
        await self._http.close()
        self._lines.close()

    async def serves(self) -> bool:
        """Return whether a post is accepted now."""
        return (await self.post()).status == 202

    async def post(self, events: int = 1) -> Answer:
        """Post one event, or several as NDJSON; what was accepted is in the ledger before this returns."""
        numbers = list(itertools.islice(self._numbers, events))
        ids = [f"lot-{number}" for number in numbers]
        self.posted |= {uid_of(SENDER.organisation, SENDER.source, event_id).hex() for event_id in ids}
        kind = "application/json" if events == 1 else "application/x-ndjson"
        body = "\n".join(json.dumps(inspection(f"P{n % PRODUCTS}", f"lot-{n}")) for n in numbers)
        started = asyncio.get_running_loop().time()
        status, after = NO_ANSWER, None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._http.post(self._url, data=body, headers={"Content-Type": kind}) as answer:
                told = await answer.json(content_type=None)
                status, after = answer.status, answer.headers.get("Retry-After")
                if status == 202:
                    self._write([line["uid"] for line in told.get("results", [told])])
        self.statuses[status] += 1
        return Answer(status, asyncio.get_running_loop().time() - started, after)

    async def send(self, stopping: asyncio.Event, events: int) -> list[Answer]:
        """Post again and again until asked to stop, and return what was said each time."""
        answers = []
        while not stopping.is_set():
            answers.append(await self.post(events))
            if answers[-1].status != 202:
                await asyncio.sleep(PAUSE_SECONDS)
        return answers

    async def accepts(self, more: int) -> bool:
        """Wait until so many more posts were accepted."""
        aim = self.statuses[202] + more

        async def reached() -> bool:
            return self.statuses[202] >= aim

        return await self.harness.until(reached)

    @property
    def accepted(self) -> set[str]:
        """Return the uids of the ledger, as they are on disk."""
        return set(self._ledger.read_text("ascii").split())

    async def held(self) -> list[str]:
        """Return the uid of every record of the evidence topic."""
        tailer = Tailer(self.broker.bootstrap, EVIDENCE.name)
        await tailer.start()
        found = []
        while not await tailer.caught_up():
            found += await tailer.poll(timedelta(milliseconds=100))
        await tailer.stop()
        return [attributes_of(record.headers)["ce_id"].decode() for record in found]

    @property
    def _url(self) -> str:
        return f"{self.harness.address('ingest')}/v1/inspections"

    def _write(self, uids: Sequence[str]) -> None:
        self._lines.writelines(f"{uid}\n" for uid in uids)
        self._lines.flush()
        os.fsync(self._lines.fileno())
