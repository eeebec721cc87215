"""The scorer's shell: read, settle, sweep, and start anew wherever something is in doubt."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import asyncpg
from sqlalchemy.exc import DBAPIError

from sealwatch.contracts.codec import Received
from sealwatch.contracts.letters import fault_of
from sealwatch.errors import BrokerUnavailable, Fenced, Halted, OutOfRange
from sealwatch.scoring.step import Poisoned
from sealwatch.shell.clock import Clock
from sealwatch.shell.db import TRANSIENT
from sealwatch.shell.kafka import GroupConsumer, ReadAt, faults_of
from sealwatch.shell.letters import Flood
from sealwatch.shell.logs import logger
from sealwatch.shell.metrics import (
    EVENT_TO_SCORE_SECONDS,
    FENCED,
    HALTED,
    PARTITIONS_OWNED,
    POLL_SECONDS,
    SWEEPS,
)
from sealwatch.shell.serve import wait_or_stop
from sealwatch_scorer import example
from sealwatch_scorer.ahead import SMALL, Ahead
from sealwatch_scorer.batch import Poll, Read, days_to_sweep, foreseen, polled, read, until_midnight
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.ownership import UNASSIGNED, unassigned
from sealwatch_scorer.policies import Policies
from sealwatch_scorer.score import Scorer, Store
from sealwatch_scorer.store import Position
from sealwatch_scorer.turns import Turns

PATIENCE, NONE = timedelta(milliseconds=50), timedelta(0)
TRIES = 3
SWEEP_SECONDS = 10.0
SWEEP_MARGIN = timedelta(minutes=1)  # the broker's clock may be behind ours
DASHBOARD_SECONDS = 5.0
TROUBLE_SECONDS = 1.0
JOIN_SECONDS = 5.0  # a try at reaching Kafka, so that an end is not held up; ours
STUCK_SECONDS = 60.0
POISON = (
    Poisoned,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)


class Runner:
    """Owns the loop of one scorer process."""

    def __init__(
        self,
        join: Callable[[], GroupConsumer],
        store: Store,
        policies: Policies,
        memory: Memory,
        read_at: ReadAt,
    ) -> None:
        """Keep the parts; ``join`` makes a new member of the group."""
        self._join, self._store, self._policies, self._memory = join, store, policies, memory
        self._scorer = Scorer(store, policies, memory)
        self._read_at = read_at
        self._positions: dict[int, Position] = {}
        self._stopped: dict[int, str] = {}
        self._turns = Turns()
        self._generation = -1
        self._letters = Flood()
        self._trouble: str | None = "has not joined yet"
        self._spare_since: float | None = None
        self._turned = self._told = 0.0
        self._swept: dict[bool, float] = {}
        self._halted = False
        self.poll_records = 5_000
        self.patience_in_trouble = TROUBLE_SECONDS

    @property
    def partitions(self) -> list[int]:
        """Return the partitions whose positions are held."""
        return sorted(self._positions)

    async def ready(self) -> str | None:
        """Return why this scorer does not score all that it owns, or None."""
        stopped = [f"partition {p} halted: {why}" for p, why in sorted(self._stopped.items())]
        return self._turns.trouble or self._trouble or "; ".join(stopped) or self._unassigned()

    def _unassigned(self) -> str | None:
        since = self._spare_since
        return None if since is None else unassigned(timedelta(seconds=_now() - since))

    async def progress(self) -> str | None:
        """Return whether the loop has stopped turning."""
        idle = _now() - self._turned if self._turned and not self._halted else 0.0
        return f"no turn for {idle:.0f} s" if idle > STUCK_SECONDS else None

    async def run(self, stopping: asyncio.Event, clock: Clock) -> None:
        """Score until asked to stop."""
        while not stopping.is_set():
            try:
                await self._as_member(stopping, clock)
            except Fenced:
                FENCED.inc()
                self._note("fenced")
            except Halted as error:
                await self._halt(error, stopping)
            except (BrokerUnavailable, DBAPIError, *TRANSIENT) as error:
                self._note(f"waiting: {type(error).__name__}")
                await wait_or_stop(stopping, self.patience_in_trouble)

    def _note(self, trouble: str) -> None:
        self._turned = _now()
        if trouble != self._trouble and self._turns.trouble is None:
            logger().error("scoring interrupted", reason=trouble)
        self._turns.failed(trouble)
        self._trouble = trouble

    async def _halt(self, error: Halted, stopping: asyncio.Event) -> None:
        HALTED.set(1)
        self._halted, self._trouble = True, f"halted: {error}"
        logger().error("halted", reason=str(error))
        await stopping.wait()

    async def _as_member(self, stopping: asyncio.Event, clock: Clock) -> None:
        consumer = self._join()
        ahead = Ahead(
            lambda: self._polled(consumer, PATIENCE),
            lambda record: foreseen(read(record), self._policies.latest),
            more=lambda: self._polled(consumer, NONE),
        )
        ahead.small = min(SMALL, self.poll_records)  # a full poll waits for nothing
        try:
            await consumer.start(JOIN_SECONDS)
            while not stopping.is_set():
                self._turned = _now()
                await self._turn(consumer, ahead, clock)
        finally:
            self._forget()
            await ahead.drop()
            await consumer.stop()

    def _forget(self) -> None:
        self._memory.forget()
        self._positions, self._stopped, self._generation = {}, {}, -1
        PARTITIONS_OWNED.set(0)
        HALTED.set(0)

    async def _turn(self, consumer: GroupConsumer, ahead: Ahead, clock: Clock) -> None:
        if consumer.generation != self._generation:
            await ahead.drop()
            await self._take_over(consumer)
        found = await self._next(consumer, ahead)
        if consumer.generation != self._generation:
            return
        reads = [one for one in found if self._is_next(one)]
        if reads:
            started = _now()
            await self._settle(reads)
            consumer.pause(self._stopped)
            POLL_SECONDS.observe(_now() - started)
            newest = reads[-1].record.appended_ms / 1000
            EVENT_TO_SCORE_SECONDS.observe(max(0.0, clock().timestamp() - newest))
        await self._sweep_by_clock(consumer, clock, idle=not reads)
        await self._tell_dashboards(consumer)

    async def _next(self, consumer: GroupConsumer, ahead: Ahead) -> Sequence[Read]:
        """Return the next records; where the log has a gap instead, its partitions alone stand still."""
        try:
            return await ahead.next()
        except OutOfRange as error:
            for partition in sorted(error.partitions & self._positions.keys()):
                self._let_go(partition, str(error))
            consumer.pause(self._stopped)
            return ()

    async def _polled(self, consumer: GroupConsumer, patience: timedelta) -> Sequence[Received]:
        """Return the next records, none where the assignment changed meanwhile: they come again."""
        found = await consumer.poll(self.poll_records, patience)
        return found if consumer.generation == self._generation else ()

    def _is_next(self, one: Read) -> bool:
        position = self._positions.get(one.record.partition)
        return position is not None and one.record.offset >= position.next_offset

    async def _take_over(self, consumer: GroupConsumer) -> None:
        """Read where the assigned partitions stand, and refuse a log that is not the one we knew."""
        generation, assigned = consumer.generation, consumer.assigned
        self._forget()
        if not consumer.answered:
            self._generation, self._trouble = generation, self._trouble or UNASSIGNED
            return
        self._turns.keep(assigned)
        positions: dict[int, Position] = {}
        faults: dict[int, str] = {}
        if assigned:
            starts = await consumer.starts(assigned)
            positions = await self._store.positions(starts)
            faults = await faults_of(positions, starts, await consumer.ends(assigned), self._read_at)
            consumer.seek(starts | {p: at.next_offset for p, at in positions.items() if p not in faults})
        if consumer.generation == generation:
            self._positions, self._generation, self._trouble = positions, generation, None
            self._spare_since = None if assigned else _now()
            self._swept = {}  # what is new here is looked at in the next turn
            PARTITIONS_OWNED.set(len(positions))
            logger().info("took over", partitions=sorted(positions))
            for partition, fault in faults.items():
                self._let_go(partition, fault)
            consumer.pause(self._stopped)

    async def _settle(self, reads: Sequence[Read]) -> None:
        """Commit these records whatever it takes, with the sweeps that lie between them."""
        while reads:
            now, sweeps = until_midnight(reads, self._positions)
            for part in await self._policies.cut(now, self._positions):
                await self._commit(part)
            for partition, through in sweeps.items():
                if partition in self._positions:  # not halted just now
                    await self._sweep(partition, through)
            reads = [one for one in reads if self._is_next(one)] if sweeps else ()

    async def _commit(self, reads: Sequence[Read]) -> None:
        poll = polled(reads, self._positions, {})
        self._letters.count(len(poll.letters), _now())
        try:
            if poll.after:
                await self._score(poll)
        except POISON:
            self._memory.forget()
            await self._isolate([one for one in reads if _within(one, poll.after)])
        for partition, halted in poll.halted.items():
            self._let_go(partition, str(halted))

    def _let_go(self, partition: int, reason: str) -> None:
        """Stop one partition where it stands; the others go on."""
        del self._positions[partition]
        self._stopped[partition] = reason
        HALTED.set(len(self._stopped))
        logger().error("partition halted", partition=partition, reason=reason)

    async def _score(self, poll: Poll) -> None:
        """Commit one poll; each try is a turn of its own, and one that succeeds ends all trouble."""
        self._turned = _now()
        with self._turns.trying(poll.before):
            await self._scorer.commit(poll)
        self._positions |= poll.after
        self._trouble = None

    async def _isolate(self, reads: Sequence[Read]) -> None:
        """Commit all but what fails alone, by halves: few bad records cost few transactions."""
        if len(reads) == 1:
            await self._alone(reads[0])
            return
        middle = len(reads) // 2
        for half in (reads[:middle], reads[middle:]):
            if len(half) == 1 or not await self._passes(half):
                await self._isolate(half)

    async def _passes(self, reads: Sequence[Read]) -> bool:
        try:
            await self._score(polled(reads, self._positions, {}))
        except POISON:
            return False
        return True

    async def _alone(self, one: Read) -> None:
        reason = await self._tried(one)
        if reason is not None:
            self._letters.count(1, _now())
            await self._give_up(one, reason)

    async def _tried(self, one: Read) -> str | None:
        """Return why a record cannot be scored after three tries, or None once it is."""
        reason = "unknown"
        for _ in range(TRIES):
            try:
                await self._score(polled([one], self._positions, {}))
            except POISON as error:
                reason = fault_of(error.__cause__ or error)
            else:
                return None
        return reason

    async def _give_up(self, one: Read, reason: str) -> None:
        """Write the letter of a record, its uid not claimed, unless the fault is ours."""
        partition, offset = one.record.partition, one.record.offset
        letter = polled([one], self._positions, {(partition, offset): reason})
        if not example.works(await self._policies.of(letter)):  # the policy that it failed under
            raise Halted("every record fails, also the shipped example")
        logger().error("dead letter", partition=partition, offset=offset, reason=reason)
        await self._score(letter)

    async def _sweep_by_clock(self, consumer: GroupConsumer, clock: Clock, *, idle: bool) -> None:
        """Sweep a quiet partition once everything of the ended day was consumed.

        Looked at now and then while others are busy, and at once when all are quiet.
        """
        if _now() - self._swept.get(idle, 0.0) < SWEEP_SECONDS:
            return
        self._swept[idle] = _now()
        yesterday = (clock() - SWEEP_MARGIN).date() - timedelta(days=1)
        due = [p for p, at in self._positions.items() if at.swept_through and at.swept_through < yesterday]
        ends = await consumer.ends(due) if due else {}
        for partition in due:
            if self._positions[partition].next_offset >= ends[partition]:
                await self._sweep(partition, yesterday)

    async def _sweep(self, partition: int, through: date) -> None:
        """Sweep day by day: each one that is committed is a turn and progress of its own."""
        for day in days_to_sweep(self._positions[partition].swept_through, through):
            position = self._positions[partition]
            with self._turns.trying({partition: position}):
                self._positions[partition] = await self._scorer.sweep(partition, position, day)
            self._turned, self._trouble = _now(), None
            SWEEPS.inc()

    async def _tell_dashboards(self, consumer: GroupConsumer) -> None:
        if _now() - self._told < DASHBOARD_SECONDS or not self._positions:
            return
        self._told = _now()
        offsets = {p: position.next_offset for p, position in self._positions.items()}
        with contextlib.suppress(BrokerUnavailable):
            await consumer.commit_for_dashboards(offsets)


def _within(one: Read, after: Mapping[int, Position]) -> bool:
    """Return whether a record comes before the one that its partition halts at."""
    position = after.get(one.record.partition)
    return position is not None and one.record.offset < position.next_offset


def _now() -> float:
    return asyncio.get_running_loop().time()
