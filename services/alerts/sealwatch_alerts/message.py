"""The words of a notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from sealwatch.contracts.risk import LevelChanged
from sealwatch.risk.policy import Coping, Level
from sealwatch.routing.coping import actions_of
from sealwatch.routing.route import notice_id_of

MOST_BYTES = 20_000  # Standard Webhooks asks for less than 20 KB
MOST_SHARES = 3
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


@dataclass(frozen=True, slots=True)
class Wording:
    """What a change is worded with: the reader's language, what is to be done, where the api is for readers.

    ``reason`` is that of the notice, ``why`` that of the decision to tell this reader, once more or not;
    ``strategy`` is that of the version of the policy which the change names, None where it has none.
    """

    reason: str
    language: str
    strategy: Coping | None
    why: str | Nudge = ""
    public_url: str = ""

    @property
    def nudge(self) -> Nudge | None:
        """Return why it is told once more, if it is."""
        return self.why if isinstance(self.why, Nudge) else None

    @property
    def cause(self) -> str:
        """Return in one word why this reader is told."""
        return self.why.why if isinstance(self.why, Nudge) else self.why or self.reason


def render(change: LevelChanged, wording: Wording) -> bytes:
    """Return the body of the webhook; every attempt sends these very bytes.

    Where it would be too long, the texts of the coping strategy are left out and ``cut`` says so:
    the actions keep their ids and instants, and the links lead to the texts.
    """
    data = _data(change, wording)
    body = _written(change, data)
    if len(body) < MOST_BYTES:
        return body
    bare = [{**one, "action": None} for one in data["actions"]]
    return _written(change, {**data, "coping": None, "actions": bare, "cut": ["coping", "actions"]})


def _data(change: LevelChanged, wording: Wording) -> dict[str, Any]:
    return {
        "headline": headline(change, wording.reason, wording.language, wording.nudge),
        "notice_id": notice_id_of(change).hex(),
        "change_id": change.uid,
        "product_id": change.product_id,
        "sequence": change.sequence,
        "reason": wording.reason,
        "why": wording.cause,
        "unacknowledged": _unacknowledged(wording.nudge),
        "before": _level(change.before),
        "after": _level(change.after),
        "index": change.index,
        "interval": _interval(change),
        "shares": [{"factor": one.factor, "points": one.points} for one in change.shares[:MOST_SHARES]],
        "main_factor": change.main_factor,
        "category": change.category,
        "region": change.region,
        "enterprise_id": change.enterprise_id,
        "facts_known": change.facts_known,
        "policy_version": change.policy_version,
        "coping": _coping(wording.strategy),
        "actions": _actions(change, wording.strategy),
        "links": _links(change, wording.public_url.rstrip("/")),
    }


def _interval(change: LevelChanged) -> Mapping[str, float] | None:
    """Return between what the index lies nine times of ten, where it was assessed."""
    if change.index_p05 is None or change.index_p95 is None:
        return None
    return {"p05": change.index_p05, "p95": change.index_p95}


def _links(change: LevelChanged, base: str) -> Mapping[str, str]:
    """Return where more is; without a public address of the api, the paths alone."""
    product = f"{base}/v1/products/{change.product_id}"
    return {
        "product": product,
        "explanation": f"{product}/explanation",
        "change": f"{base}/v1/level-changes/{change.uid}",
        "acknowledge": f"{base}/v1/notices/{notice_id_of(change).hex()}/acknowledgements",
    }


def _written(change: LevelChanged, data: Mapping[str, Any]) -> bytes:
    body = {"type": "level.changed", "timestamp": change.changed_at, "data": data}
    return msgspec.json.encode(body)


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
