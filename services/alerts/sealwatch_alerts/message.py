"""The words of a notice."""

import json
from collections.abc import Mapping
from typing import Any

from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Level, Policy

BY_WORD = {level.word: level for level in Level}


def render(change: LevelChanged, reason: str, policy: Policy) -> bytes:
    """Return the body of the webhook; every attempt sends these very bytes."""
    level = BY_WORD[change.after]
    body = {
        "type": "level.changed",
        "timestamp": change.changed_at,
        "data": {
            "change_id": change.uid,
            "product_id": change.product_id,
            "sequence": change.sequence,
            "reason": reason,
            "before": _level(change.before),
            "after": _level(change.after),
            "index": change.index,
            "main_factor": change.main_factor,
            "category": change.category,
            "region": change.region,
            "enterprise_id": change.enterprise_id,
            "facts_known": change.facts_known,
            "policy_version": change.policy_version,
            "coping": _coping(policy, level),
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _level(word: str) -> Mapping[str, str | None]:
    return {"risk_level": word, "colour": BY_WORD[word].colour}


def _coping(policy: Policy, level: Level) -> Mapping[str, Any] | None:
    """Return the strategy that the policy binds to a level."""
    strategy = policy.coping.get(level)
    if strategy is None:
        return None
    return {name: getattr(strategy, name) for name in strategy.__slots__}
