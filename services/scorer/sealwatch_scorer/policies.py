"""Which policy scores a day: a function of what was published, so of the recorded order only.

A version is published an hour before its first day at the latest, so one look at the registry when a day
is first scored knows all that can ever hold on it; whoever scores that day later sees the same.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Policy
from sealwatch.shell.logs import logger
from sealwatch.shell.policy_documents import Version, digest_of, version_in
from sealwatch.shell.succession import in_force, objections
from sealwatch_scorer.batch import Poll, Read, day_of
from sealwatch_scorer.store import Position

DAY = timedelta(days=1)


class Published(NamedTuple):
    """A published version as the registry holds it."""

    version: str
    document: str
    digest: str
    effective_from: date
    publication: int


class Span(NamedTuple):
    """The sweep of one day: the day, under which policy, and whether that begins with it."""

    through: date
    policy: Policy
    adopts: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A version that was looked at: its policy, or why it is refused."""

    effective_from: date
    publication: int
    policy: Policy | None
    refusal: str = ""


class Policies:
    """The policies of a scorer: the one it was started with, and those published since."""

    def __init__(
        self,
        base: Version,
        look: Callable[[], Awaitable[Sequence[Published]]],
        begin: Callable[[], Awaitable[Version]] | None = None,
    ) -> None:
        """Keep the likely first policy, how to look at the registry, and how to learn the first one."""
        self._look, self._begin = look, begin
        self._known: dict[str, Known] = {}
        self._looked_for: date | None = None
        self._strange: set[str] = set()
        self._begin_with(base)

    def _begin_with(self, base: Version) -> None:
        self._base = base
        self._known = {base.policy.version: Known(base.policy.effective_from, 0, base.policy)}
        self.latest = base.policy  # what the last poll was scored with, and most likely the next

    @property
    def base(self) -> Policy:
        """Return the policy that holds until a published version does."""
        return self._base.policy

    async def ready(self) -> str | None:
        """Return why the newest published version is not scored with, or None."""
        newest = in_force(self._known.values(), self._looked_for) if self._looked_for else None
        return f"policy refused: {newest.refusal}" if newest and newest.refusal else None

    async def on(self, day: date) -> Policy:
        """Return the policy in force on a day that is being scored."""
        if self._looked_for is None or day > self._looked_for:
            await self._learn()
            self._looked_for = day
        return self._chosen(day)

    async def of(self, poll: Poll) -> Policy:
        """Return the one policy of a poll that was cut, or raise ValueError."""
        days = {at.swept_through + DAY for at in poll.after.values() if at.swept_through}
        [self.latest] = {await self.on(day) for day in sorted(days)}
        return self.latest

    async def cut(self, reads: Sequence[Read], positions: Mapping[int, Position]) -> list[Sequence[Read]]:
        """Return the records by policy: partitions on either side of a midnight may have two."""
        days = _days(reads, positions)
        chosen = {p: await self.on(day) for p, day in sorted(days.items(), key=lambda item: item[1])}
        policies = list(dict.fromkeys(chosen.values()))
        if len(policies) <= 1:
            return [reads] if reads else []
        parts = [[one for one in reads if chosen[one.record.partition] is policy] for policy in policies]
        return [part for part in parts if part]

    async def spans(self, swept_through: date | None, through: date) -> list[Span]:
        """Return the sweeps after ``swept_through``, a day each, and the policies that begin with them.

        However long nobody scored, what is done in one transaction stays a day's work.
        """
        policy = await self.on(through + DAY)
        if swept_through is None:
            return [Span(through, policy, adopts=False)]
        spans: list[Span] = []
        day = swept_through + DAY
        while day <= through:
            policy, before = self._chosen(day + DAY), self._chosen(day)
            spans.append(Span(day, policy, adopts=policy is not before))
            day += DAY
        return spans

    async def named(self, version: str) -> Policy | None:
        """Return the policy of an assessment, None where its version is unknown or refused."""
        if version not in self._known and version not in self._strange:
            await self._learn()
            self._strange.add(version)
        known = self._known.get(version)
        return known.policy if known else None

    def _chosen(self, day: date) -> Policy:
        able = [known for known in self._known.values() if known.policy is not None]
        chosen = in_force(able, day)
        return chosen.policy if chosen and chosen.policy else self.base

    async def _learn(self) -> None:
        if self._begin is not None:
            self._begin_with(await self._begin())
            self._begin = None
        for row in await self._look():
            if row.version not in self._known:
                known = self._known[row.version] = self._judged(row)
                if known.refusal:
                    logger().error("policy refused", policy_version=row.version, reason=known.refusal)

    def _judged(self, row: Published) -> Known:
        policy, refusal = None, ""
        document = json.loads(row.document)
        try:
            version = version_in(document)
        except Misconfigured as error:
            refusal = f"{row.version} cannot be scored with: {error}"
        else:
            policy = version.policy
            faults = objections(self._base.document, version.document)
            if digest_of(document) != row.digest:
                refusal = f"{row.version} is not the document that was published"
            elif faults:
                refusal = f"{row.version}: " + "; ".join(f"{f.path} {f.reason}" for f in faults)
        return Known(row.effective_from, row.publication, None if refusal else policy, refusal)


def alone(base: Version) -> Policies:
    """Return the policies of a scorer without a registry: one."""

    async def look() -> Sequence[Published]:
        return ()

    return Policies(base, look)


def _days(reads: Iterable[Read], positions: Mapping[int, Position]) -> dict[int, date]:
    """Return the day each partition is at; a partition never swept begins with its first record."""
    days = {p: at.swept_through + DAY for p, at in positions.items() if at.swept_through}
    if len(days) < len(positions):
        for one in reads:
            partition = one.record.partition
            if partition not in days:
                instant = max(positions[partition].instant_ms, one.record.appended_ms)
                days[partition] = day_of(instant)
    return days
