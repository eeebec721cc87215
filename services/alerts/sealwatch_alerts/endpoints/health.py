"""How endpoints stand: what attempts say of them, and when one has failed for too long.

The clock of an endpoint runs while all attempts at it fail. It stands still while most endpoints
fail together, which is our own trouble, and while nobody looks, as when this service is down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sealwatch_alerts.attempt import Conclusion

LIMIT = timedelta(hours=120)  # of failures only; as Svix does
LOOKED_BACK = timedelta(hours=24)  # the longest pause of the schedule: who was not tried since says nothing
LONGEST_STEP = timedelta(minutes=5)  # a longer one was not watched; ours
LEAST_TRIED = 3  # endpoints, of which most can fail together; ours


@dataclass(frozen=True, slots=True)
class Heard:
    """What a batch of attempts says of one endpoint: failures count after its last success."""

    subscription_id: bytes
    attempt_at: datetime
    success_at: datetime | None
    failing_since: datetime | None
    failures: int
    detail: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How an endpoint stands; ``failing_since`` is empty where its last attempt was a success."""

    subscription_id: bytes
    last_attempt_at: datetime
    failing_since: datetime | None = None
    failing_for: timedelta = timedelta(0)
    counted_at: datetime | None = None

    @property
    def is_failing(self) -> bool:
        """Return whether its last attempt failed."""
        return self.failing_since is not None


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt at an endpoint, when it ended, and what came of it."""

    subscription_id: bytes
    at: datetime
    conclusion: Conclusion


def heard_of(ended: Iterable[Ended]) -> list[Heard]:
    """Return what attempts say, by endpoint in the order of ids; what was our own fault says nothing."""
    found: dict[bytes, Heard] = {}
    for one in sorted(ended, key=lambda one: one.at):
        if one.conclusion.kind != "ours":
            found[one.subscription_id] = _after(found.get(one.subscription_id), one)
    return [found[key] for key in sorted(found)]


def _after(known: Heard | None, one: Ended) -> Heard:
    key, detail = one.subscription_id, one.conclusion.detail
    if one.conclusion.outcome == "delivered":
        return Heard(key, one.at, one.at, None, 0, detail)
    before = known or Heard(key, one.at, None, None, 0, "")
    since = before.failing_since or one.at
    return Heard(key, one.at, before.success_at, since, before.failures + 1, detail)


def fail_together(endpoints: Iterable[Standing], now: datetime) -> bool:
    """Return whether more than half of all that were tried of late fail."""
    tried = [one for one in endpoints if now - one.last_attempt_at < LOOKED_BACK]
    return len(tried) >= LEAST_TRIED and 2 * sum(one.is_failing for one in tried) > len(tried)


def counted(endpoints: Sequence[Standing], now: datetime) -> list[Standing]:
    """Return the failing ones with their clocks moved on to now."""
    still = fail_together(endpoints, now)
    return [_moved_on(one, now, still=still) for one in endpoints if one.is_failing]


def _moved_on(one: Standing, now: datetime, *, still: bool) -> Standing:
    gone_by = now - (one.counted_at or one.failing_since or now)
    step = timedelta(0) if still else max(timedelta(0), min(gone_by, LONGEST_STEP))
    return replace(one, failing_for=one.failing_for + step, counted_at=now)


def is_over(one: Standing, now: datetime) -> bool:
    """Return whether an endpoint failed for so long, and was tried of late, that it is switched off."""
    return one.is_failing and one.failing_for >= LIMIT and now - one.last_attempt_at < LOOKED_BACK
