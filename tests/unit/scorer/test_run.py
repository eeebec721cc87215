"""What a scorer does when: ready once the group has said what is its own, sweeping though it is busy."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date

from sealwatch.errors import OutOfRange
from sealwatch.shell.clock import utc_now
from sealwatch.shell.policy_documents import load_version
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.ownership import UNASSIGNED
from sealwatch_scorer.policies import alone
from sealwatch_scorer.run import Runner
from sealwatch_scorer.store import Position
from tests.factories import NOON, NOON_MS, inspection, received


class Member:
    """A member of a group whose coordinator is the test; its log is empty."""

    def __init__(self):
        self.generation, self.assigned, self.answered = 0, frozenset(), False
        self.cut, self.paused = frozenset(), set()

    def is_given(self, *partitions):
        self.generation, self.assigned, self.answered = self.generation + 1, frozenset(partitions), True

    def loses_all(self):
        self.generation, self.assigned, self.answered = self.generation + 1, frozenset(), False

    async def start(self, deadline):
        pass

    async def stop(self):
        pass

    async def poll(self, _max_records, _patience):
        await asyncio.sleep(0)
        cut, self.cut = self.cut, frozenset()
        if cut:
            raise OutOfRange("offset_out_of_range", cut)
        return []

    async def starts(self, partitions):
        return dict.fromkeys(partitions, 0)

    ends = starts

    async def commit_for_dashboards(self, positions):
        pass

    def seek(self, positions):
        pass

    def pause(self, partitions):
        self.paused |= set(partitions)


class Fresh:
    """A store that knows of no earlier run."""

    async def positions(self, starts):
        return {partition: Position(start) for partition, start in starts.items()}


async def nothing_to_read(_offsets):
    return {}


class Busy(Member):
    """Brings a record of partition 0 with every poll."""

    offset = 0

    async def poll(self, _max_records, _patience):
        await asyncio.sleep(0)
        self.offset += 1
        return [received(inspection(), self.offset, NOON_MS)] if self.generation else []


class Transaction:
    """Takes everything, has seen every event before, and notes how far partitions were swept."""

    def __init__(self, swept):
        self._swept = swept

    async def advance(self, _before, after):
        self._swept |= {partition: at.swept_through for partition, at in after.items()}

    async def claim(self, _arrivals):
        return frozenset()

    def __getattr__(self, _name):
        async def nothing(*_):
            return {}

        return nothing


class Behind:
    """A store whose partitions were swept five days ago."""

    def __init__(self):
        self.swept = {}

    async def positions(self, starts):
        return {p: Position(at, swept_through=date(2026, 2, 24)) for p, at in starts.items()}

    @asynccontextmanager
    async def begin(self):
        yield Transaction(self.swept)


@asynccontextmanager
async def running(member, store=None, clock=utc_now):
    runner = Runner(lambda: member, store or Fresh(), alone(load_version()), Memory(10), nothing_to_read)
    stopping = asyncio.Event()
    task = asyncio.create_task(runner.run(stopping, clock))
    await turns()
    yield runner
    stopping.set()
    await task


async def turns():
    """Let the loop turn a few times."""
    for _ in range(60):
        await asyncio.sleep(0)


async def test_it_is_not_ready_before_the_group_has_answered():
    async with running(Member()) as runner:
        assert await runner.ready() == "has not joined yet"


async def test_it_is_ready_with_its_first_partitions():
    member = Member()

    async with running(member) as runner:
        member.is_given(0, 2)
        await turns()

        assert (await runner.ready(), runner.partitions) == (None, [0, 2])


async def test_it_is_not_ready_just_after_it_was_given_nothing():
    member = Member()

    async with running(member) as runner:
        member.is_given()
        await turns()

        assert await runner.ready() == UNASSIGNED


async def test_it_is_not_ready_between_losing_its_partitions_and_the_next_answer():
    member = Member()

    async with running(member) as runner:
        member.is_given(0)
        await turns()
        member.loses_all()
        await turns()
        lost = await runner.ready()
        member.is_given(1)
        await turns()

        assert (lost, await runner.ready()) == (UNASSIGNED, None)


async def test_a_quiet_partition_is_swept_while_another_is_busy():
    member, store = Busy(), Behind()

    async with running(member, store, lambda: NOON):
        member.is_given(0, 1)
        await turns()

    assert store.swept[1] == date(2026, 2, 28)


async def test_a_gap_that_a_poll_meets_stops_its_own_partition_and_no_other():
    member = Member()

    async with running(member) as runner:
        member.is_given(0, 2)
        await turns()
        member.cut = frozenset({2, 3})  # one that is no longer ours, too
        await turns()

        assert await runner.ready() == "partition 2 halted: offset_out_of_range"
        assert (runner.partitions, member.paused) == ([0], {2})
