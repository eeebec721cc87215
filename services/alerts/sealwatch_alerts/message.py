"""The words of a notice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Coping, Level
from sealwatch.routing.coping import actions_of
from sealwatch.routing.route import notice_id_of

BY_WORD = {level.word: level for level in Level}
LEVELS_ZH = ("未评估", "低风险（蓝色）", "中风险（黄色）", "高风险（橙色）", "严重风险（红色）")  # noqa: RUF001  # Chinese punctuation
HEADLINES = {
    "en": {
        "raised": "Warning: product {product} is now {after}, was {before}",
        "lowered": "All-clear: product {product} fell from {before} to {after}",
        "withdrawn": "Withdrawn: product {product} was {before} and is not assessed any longer",
    },
    "zh": {
        "raised": "预警：产品{product}由{before}升至{after}",  # noqa: RUF001  # Chinese punctuation
        "lowered": "解除：产品{product}由{before}降至{after}",  # noqa: RUF001  # Chinese punctuation
        "withdrawn": "撤回：产品{product}原为{before}，现不再评估",  # noqa: RUF001  # Chinese punctuation
    },
}
UNACKNOWLEDGED = {
    "en": "Not acknowledged by {office}; now {now}. ",
    "zh": "{office}尚未确认；目前{now}。",  # noqa: RUF001  # Chinese punctuation
}


@dataclass(frozen=True, slots=True)
class Nudge:
    """Why a change is told once more: ``office`` was silent; ``now`` is the newest level of the product."""

    why: str
    office: str
    step: int
    now: Level


def render(
    change: LevelChanged, reason: str, language: str, strategy: Coping | None, why: str | Nudge = ""
) -> bytes:
    """Return the body of the webhook; every attempt sends these very bytes.

    ``reason`` is that of the notice, ``why`` that of the decision to tell this reader.
    """
    nudge = why if isinstance(why, Nudge) else None
    body = {
        "type": "level.changed",
        "timestamp": change.changed_at,
        "data": {
            "headline": headline(change, reason, language, nudge),
            "change_id": change.uid,
            "product_id": change.product_id,
            "sequence": change.sequence,
            "reason": reason,
            "why": nudge.why if nudge else why or reason,
            "unacknowledged": _unacknowledged(nudge),
            "before": _level(change.before),
            "after": _level(change.after),
            "index": change.index,
            "main_factor": change.main_factor,
            "category": change.category,
            "region": change.region,
            "enterprise_id": change.enterprise_id,
            "facts_known": change.facts_known,
            "policy_version": change.policy_version,
            "coping": _coping(strategy),
            "actions": _actions(change, strategy),
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def headline(change: LevelChanged, reason: str, language: str, nudge: Nudge | None = None) -> str:
    """Return one sentence in the reader's language, and before it who has not acknowledged the change."""
    before, after = (level_name(BY_WORD[word], language) for word in (change.before, change.after))
    again = ""
    if nudge is not None:
        now = level_name(nudge.now, language)
        again = UNACKNOWLEDGED[language].format(office=nudge.office, now=now)
    return again + HEADLINES[language][reason].format(product=change.product_id, before=before, after=after)


def level_name(level: Level, language: str) -> str:
    """Return a level with its colour in the reader's language."""
    return LEVELS_ZH[level] if language == "zh" else f"{level.word.replace('_', ' ')} ({level.colour})"


def _unacknowledged(nudge: Nudge | None) -> Mapping[str, Any] | None:
    """Return who was silent, and the level as it is now: the change may be an older one."""
    if nudge is None:
        return None
    return {"office": nudge.office, "step": nudge.step, "now": _level(nudge.now.word)}


def _level(word: str) -> Mapping[str, str | None]:
    return {"risk_level": word, "colour": BY_WORD[word].colour}


def _coping(strategy: Coping | None) -> Mapping[str, Any] | None:
    return None if strategy is None else {name: getattr(strategy, name) for name in strategy.__slots__}


def _actions(change: LevelChanged, strategy: Coping | None) -> list[dict[str, Any]]:
    """Return the rows that reaching the level has made, by the ids under which they are marked done."""
    return [
        {
            "action_id": one.action_id.hex(),
            "action": one.action,
            "due_at": one.due_at.isoformat() if one.due_at else None,
        }
        for one in actions_of(change, notice_id_of(change), strategy)
    ]
