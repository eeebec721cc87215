"""Who asked to know."""

from collections.abc import Iterable
from dataclasses import dataclass

from sealwatch.contracts.risk import LevelChanged
from sealwatch_alerts.notice import RANK


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a department wants to hear of; an empty filter lets everything through."""

    subscription_id: bytes
    organisation_id: str
    url: str
    secret_sealed: bytes
    minimum_level: int
    categories: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    enterprises: frozenset[str] = frozenset()
    language: str = "en"


def subscribers_of(change: LevelChanged, subscriptions: Iterable[Subscription]) -> list[Subscription]:
    """Return whom a change concerns.

    Either side of the change counts, so that whoever heard of the rise hears of the fall. A region
    matches by prefix, as the codes of GB/T 2260 nest.
    """
    reached = max(RANK[change.before], RANK[change.after])
    return [one for one in subscriptions if reached >= one.minimum_level and _matches(change, one)]


def _matches(change: LevelChanged, one: Subscription) -> bool:
    if one.categories and change.category not in one.categories:
        return False
    if one.enterprises and change.enterprise_id not in one.enterprises:
        return False
    return not one.regions or any((change.region or "").startswith(region) for region in one.regions)
