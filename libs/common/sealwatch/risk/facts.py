"""What the centre records about a product, as far as scoring depends on it."""

from functools import lru_cache
from typing import NamedTuple

from sealwatch.risk.policy import Policy


class Facts(NamedTuple):
    """Category and severity of the goods a product protects; ``known`` is false until described."""

    category: str | None
    severity: int
    known: bool = True
    revision: int = 0


@lru_cache(maxsize=64)
def unknown(policy: Policy) -> Facts:
    """Return what is assumed of a product nobody described yet."""
    return Facts(None, policy.unknown_severity, known=False)
