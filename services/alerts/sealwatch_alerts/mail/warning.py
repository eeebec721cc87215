"""What an e-mail tells of one level change, before it is put into words."""

from dataclasses import dataclass
from datetime import datetime

from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Coping, Level
from sealwatch_alerts.mail.headers import one_line

MOST_SHARES = 3
LONGEST_NAME = 120
BY_WORD = {level.word: level for level in Level}


@dataclass(frozen=True, slots=True)
class Warned:
    """A level change as a reader is told of it; ``shares`` are factors with their points.

    ``unacknowledged_by`` is the office that let the time to acknowledge it pass, where one did, and
    ``level_now`` the newest level then.
    """

    product_id: str
    product: str
    sequence: int
    reason: str
    before: Level
    after: Level
    index: float | None
    interval: tuple[float, float] | None
    shares: tuple[tuple[str, float], ...]
    main_factor: str | None
    region: str | None
    actions: tuple[str, ...]
    owner: str
    deadline: str
    changed_at: datetime
    unacknowledged_by: str = ""
    level_now: Level | None = None


def warned(change: LevelChanged, reason: str, name: str | None, strategy: Coping | None) -> Warned:
    """Return what is told; a product nobody described goes by its id."""
    after = BY_WORD[change.after]
    named = one_line(name or "", LONGEST_NAME)
    return Warned(
        product_id=change.product_id,
        product=f"{named} ({change.product_id})" if named else change.product_id,
        sequence=change.sequence,
        reason=reason,
        before=BY_WORD[change.before],
        after=after,
        index=change.index,
        interval=_interval(change),
        shares=_shares(change),
        main_factor=change.main_factor,
        region=change.region,
        actions=tuple(one_line(action) for action in strategy.actions) if strategy else (),
        owner=one_line(strategy.owner) if strategy else "",
        deadline=one_line(strategy.deadline) if strategy else "",
        changed_at=datetime.fromisoformat(change.changed_at),
    )


def _interval(change: LevelChanged) -> tuple[float, float] | None:
    if change.index_p05 is None or change.index_p95 is None:
        return None
    return change.index_p05, change.index_p95


def _shares(change: LevelChanged) -> tuple[tuple[str, float], ...]:
    largest = sorted(change.shares, key=lambda one: (-one.points, one.factor))
    return tuple((one_line(one.factor, 40), one.points) for one in largest[:MOST_SHARES])
