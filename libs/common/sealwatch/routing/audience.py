"""Who asked to know, on whose word they are left in peace, and how often they may be told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from sealwatch.contracts.risk import LevelChanged
from sealwatch.routing.notice import RANK
from sealwatch.routing.scope import Scope

Kind = Literal["level_change", "signal", "all_clear"]
Channel = Literal["webhook", "email"]
KINDS: frozenset[Kind] = frozenset({"level_change", "signal", "all_clear"})
SHORTEST_WINDOW = timedelta(minutes=1)  # a shorter one makes a storm of groups; ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a department wants to hear of, and how.

    ``office`` names the department inside its organisation: its id, else the name it was given. Without
    ``digest_every`` digests come as the rules say.
    """

    subscription_id: bytes
    organisation_id: str
    office: str
    minimum_level: int
    scope: Scope = field(default_factory=Scope)
    kinds: frozenset[str] = KINDS
    channel: str = "webhook"
    digest: bool = False
    digest_every: timedelta | None = None
    paused_until: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        """Return whether it hears of High and above only at this instant."""
        return self.paused_until is not None and now < self.paused_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A person's word that a scope is to be kept quiet for a time; it acts while ``acts`` says so.

    ``room`` is how many more products it may keep quiet: the one beyond is its last. None is without end,
    on a second person's word.
    """

    silence_id: bytes
    organisation_id: str
    office: str | None
    scope: Scope
    starts_at: datetime
    expires_at: datetime
    approved: bool
    room: int | None = None

    def acts(self, now: datetime, newly: int = 0) -> bool:
        """Return whether it holds now: approved where that is needed, begun and not over.

        ``newly`` products were kept quiet since ``approved`` and ``room`` were read.
        """
        has_room = self.room is None or newly <= self.room
        return self.approved and has_room and self.starts_at <= now < self.expires_at

    def quiets(self, one: Subscription, change: LevelChanged) -> bool:
        """Return whether it covers this change for this reader."""
        mine = self.organisation_id == one.organisation_id and self.office in (None, one.office)
        return mine and self.scope.missed(change) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How often the departments of an organisation are told; all numbers are ours.

    A department gets at most ``most_messages`` in any ``window``, besides those at the top level.
    """

    window: timedelta = timedelta(minutes=10)
    most_messages: int = 10
    repeat_after: timedelta = timedelta(hours=4)
    inhibit_products: int = 10
    inhibit_for: timedelta = timedelta(hours=1)
    digest_every: timedelta = timedelta(days=1)
    silence_products: int = 20

    def __post_init__(self) -> None:
        """Refuse a window that would make a storm of its own."""
        if self.window < SHORTEST_WINDOW or self.most_messages < 1:
            raise ValueError("a window of a minute and one message at least")


USUAL = Rules()


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who may be told, and every silence on record.

    The subscriptions of one department share what it may be told in a window.
    """

    subscriptions: Sequence[Subscription]
    silences: Sequence[Silence] = ()
    shares: Mapping[tuple[str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        """Count the subscriptions of each department."""
        counted = Counter((one.organisation_id, one.office) for one in self.subscriptions)
        object.__setattr__(self, "shares", counted)

    def share(self, one: Subscription, rules: Rules) -> int:
        """Return how many messages of a window are this subscription's own, at least one."""
        return max(1, rules.most_messages // self.shares[one.organisation_id, one.office])


def kind_of(change: LevelChanged) -> Kind:
    """Return what a change is to those who asked by kind: a fall, also to not assessed, clears."""
    return "all_clear" if RANK[change.after] < RANK[change.before] else "level_change"


def missed(change: LevelChanged, one: Subscription) -> str | None:
    """Return what a subscription did not ask for in this change, or None where it asked for it."""
    if kind_of(change) not in one.kinds:
        return "kinds"
    return one.scope.missed(change)


def is_below(change: LevelChanged, one: Subscription) -> bool:
    """Return whether a change stays below what a subscription wants to hear of.

    Either side of the change counts, so that whoever heard of the rise hears of the fall.
    """
    return max(RANK[change.before], RANK[change.after]) < one.minimum_level


def subscribers_of(change: LevelChanged, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Return whom a change concerns, before silences and paces are looked at."""
    return [one for one in subscriptions if missed(change, one) is None and not is_below(change, one)]
