"""A real scorer process on a real broker that other tests use too: each begins at the end of the log."""

import json
from datetime import timedelta

from sealwatch.contracts.codec import Received
from sealwatch.contracts.topics import DEAD_LETTERS, EVIDENCE
from sealwatch.shell.kafka import Tailer, partition_of
from sealwatch.shell.kafka.bounds import bounds_of
from tests.chaos.harness import Harness
from tests.factories import description, inspection, record

PARTITIONS = 6
OWN = "sealwatch_"


class Rig(Harness):
    """One database that knows nothing of what earlier tests left in the log."""

    async def begin(self) -> None:
        """Start where the log ends now."""
        await self.prepare(PARTITIONS)
        self.begun = {p: found.end for p, found in (await bounds_of(self.bootstrap, EVIDENCE.name)).items()}
        await self.watch.executemany(
            "insert into scoring.positions (topic, partition, next_offset) values ($1, $2, $3)",
            [(EVIDENCE.name, p, end) for p, end in self.begun.items()],
        )

    async def lag(self) -> int:
        """Return how many records of the log are not committed yet."""
        found = await bounds_of(self.bootstrap, EVIDENCE.name)
        rows = await self.watch.fetch("select partition, next_offset from scoring.positions")
        return sum(found[row["partition"]].end - row["next_offset"] for row in rows)

    async def caught_up(self) -> bool:
        """Return whether everything is committed and told."""
        return await self.lag() == 0 and await self.told()

    async def read(self, partition: int = 0) -> int:
        """Return how many records of a partition were committed since the test began."""
        at = await self.watch.fetchval(
            "select next_offset from scoring.positions where partition = $1", partition
        )
        return at - self.begun[partition]

    async def unwatched(self) -> bool:
        """Return whether the connections of a killed scorer are gone."""
        return not await self.watch.fetchval(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and application_name = 'sealwatch-scorer'"
        )

    async def count(self, table: str) -> int:
        """Return the rows of a table of scoring."""
        return await self.watch.fetchval(f"select count(*) from scoring.{table}")  # noqa: S608  # our own names

    async def letters(self) -> list[tuple[dict[str, str], Received]]:
        """Return the dead letters of this test's records: what we said of each, and the letter."""
        tailer = Tailer(self.bootstrap, DEAD_LETTERS.name)
        await tailer.start()
        found = []
        while not await tailer.caught_up():
            found += await tailer.poll(timedelta(milliseconds=100))
        await tailer.stop()
        told = [(_own(letter), letter) for letter in found]
        return [
            (said, letter)
            for said, letter in told
            if int(said["offset"]) >= self.begun[int(said["partition"])]
        ]

    async def not_ready(self) -> str:
        """Return why the scorer is not ready, or nothing."""
        answer = json.loads(await self.asked("readyz") or "{}")
        return answer.get("reasons", {}).get("scoring", "")

    async def halts(self, words: str) -> bool:
        """Return whether the scorer comes to a halt that says these words."""

        async def halted() -> bool:
            return "halted: " in await self.not_ready()

        return await self.until(halted) and words in await self.not_ready()


def product_on(partition: int) -> str:
    """Return a product whose records go to this partition."""
    return next(f"P{n}" for n in range(1_000) if partition_of(f"P{n}".encode(), PARTITIONS) == partition)


def lots(count: int, partition: int = 0, start: int = 0) -> list:
    """Return passed lots of one product."""
    product = product_on(partition)
    return [record(inspection(product, f"{product}-lot-{n}")) for n in range(start, start + count)]


def unreadable(partition: int = 0):
    """Return a record that is no event."""
    return _poison(partition)._replace(value=b"\xff not json")


def impossible(partition: int = 0):
    """Return an event that the model refuses: more failures than trials."""
    body = inspection(product_on(partition), f"poison-{partition}")
    body["items"][0] |= {"failures": 5, "trials": 2}
    return record(body)


def unstorable(partition: int = 0):
    """Return an event that the database refuses: a zero character in a text."""
    return record(description(product_on(partition), category="la\0bels"))


def newer(partition: int = 0):
    """Return an event of a major version that this release does not know."""
    sent = _poison(partition)
    other = {"ce_type": b"inspection.reported.v2"}
    return sent._replace(headers=[(name, other.get(name, value)) for name, value in sent.headers])


def _poison(partition: int):
    return record(inspection(product_on(partition), f"poison-{partition}"))


def _own(letter: Received) -> dict[str, str]:
    return {n.removeprefix(OWN): value.decode() for n, value in letter.headers if n.startswith(OWN)}
