"""How old the newest evidence may be before a level is shown as stale."""

from sealwatch.risk.policy import Policy
from sealwatch.risk.state import State

DAY = 86_400
MONITORED = "monitoring_point"


def fresh_for(state: State, policy: Policy) -> int:
    """Return for how many seconds evidence is fresh: shorter where monitoring points report."""
    limits = policy.thresholds
    return DAY * (limits.fresh_days_monitored if _is_monitored(state, policy) else limits.fresh_days)


def _is_monitored(state: State, policy: Policy) -> bool:
    for _, source_class, _ in state.sums:
        if policy.sender(source_class) == MONITORED:
            return True
    return any(policy.sender(source_class) == MONITORED for _, source_class, _ in state.counts)


def is_stale(newest_at: int | None, state: State, policy: Policy, at: int) -> bool:
    """Return whether the newest evidence is older than the limit; without any there is none to age."""
    if newest_at is None or at - newest_at <= DAY * policy.thresholds.fresh_days_monitored:
        return False
    return at - newest_at > fresh_for(state, policy)
