"""Who asked to know."""

from collections.abc import Iterable
from dataclasses import dataclass

from sealwatch.contracts.risk import LevelChanged
from sealwatch_alerts.notice import RANK

FULL_CODE = 6  # two digits each for province, prefecture and county


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

    Either side of the change counts, so that whoever heard of the rise hears of the fall.
    """
    reached = max(RANK[change.before], RANK[change.after])
    return [one for one in subscriptions if reached >= one.minimum_level and _matches(change, one)]


def _matches(change: LevelChanged, one: Subscription) -> bool:
    if one.categories and change.category not in one.categories:
        return False
    if one.enterprises and change.enterprise_id not in one.enterprises:
        return False
    return not one.regions or any(covers(area, change.region) for area in one.regions)


def covers(area: str, region: str | None) -> bool:
    """Return whether a region lies in an area: codes nest by prefix.

    In GB/T 2260 closing pairs of 00 stand for "all of it": 110000 covers 110105, as 11 does.
    """
    prefix = area
    while len(area) == FULL_CODE and area.isdecimal() and prefix.endswith("00"):
        prefix = prefix[:-2]
    return region is not None and region.startswith(prefix or area)
