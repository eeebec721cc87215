"""From rows to public messages: what a draft keeps of a notice, and the CAP message of a draft. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import RowMapping

from sealwatch.contracts.risk import LevelChanged
from sealwatch_api.feed.atom import Entry
from sealwatch_api.feed.cap import Facts, Issuer, Message, Reference, Wording, headline, identifier

_FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)
_WORDINGS: TypeAdapter[dict[str, Wording]] = TypeAdapter(dict[str, Wording])
_WITHDRAWN = {"zh": "撤回：", "en": "Withdrawn: "}  # noqa: RUF001  # Chinese punctuation
_IGNORE = {
    "zh": "请勿再依据此前发布的消息采取行动。",
    "en": "Do not act on the earlier messages any longer.",
}
STANDING = timedelta(days=30)  # for which a withdrawal is told, so that late readers meet it; ours
LONGEST_HEADLINE = 160  # characters, as CAP advises for small displays


def facts_in(row: RowMapping) -> Facts | None:
    """Return what a notice says of its product, None where its change cannot be read."""
    try:
        change = LevelChanged.model_validate(row["change"])
    except ValidationError:
        return None
    low, high = change.index_p05, change.index_p95
    return Facts(
        product_id=change.product_id,
        product=row["name"] or change.product_id,
        sequence=change.sequence,
        level=change.after,
        index=change.index,
        interval=None if low is None or high is None else (low, high),
        main_factor=change.main_factor,
        region=change.region,
        policy_version=change.policy_version,
        changed_at=datetime.fromisoformat(change.changed_at),
    )


def content_of(texts: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Return what a draft keeps: its words, and the facts as they were then."""
    return {"texts": dict(texts), "facts": {**asdict(facts), "changed_at": facts.changed_at.isoformat()}}


def message_of(
    row: RowMapping | Mapping[str, Any], issuer: Issuer, sent: datetime, earlier: Sequence[RowMapping] = ()
) -> Message:
    """Return the message of a row; ``earlier`` are those of its series that were released before."""
    content = row["content"]
    return Message(
        release_id=row["release_id"],
        issuer=issuer,
        sent=sent,
        status=row["status"],
        msg_type=row["msg_type"],
        expires_at=row["expires_at"],
        facts=_FACTS.validate_python(content["facts"]),
        wordings=_WORDINGS.validate_python(content["texts"]),
        references=tuple(_reference(one) for one in earlier),
        note=content.get("note", ""),
    )


def _reference(row: RowMapping) -> Reference:
    """Return how a released message is named; by the sender that it was released under."""
    return Reference(row["content"]["sender"], identifier(row["release_id"]), row["released_at"])


def withdrawing(newest: RowMapping, reason: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Return the values of the message that takes a series back, of which ``newest`` was told last."""
    content = newest["content"]
    texts = {
        language: {
            **said,
            "headline": (_WITHDRAWN[language] + said["headline"])[:LONGEST_HEADLINE],
            "description": reason[language],
            "instruction": _IGNORE[language],
            "consequences": "",
        }
        for language, said in content["texts"].items()
    }
    note = f"{reason['zh']} {reason['en']}"
    return {
        "series": newest["series_id"],
        "notice": newest["notice_id"],
        "msg_type": "Cancel",
        "status": newest["status"],
        "content": {"texts": texts, "facts": content["facts"], "note": note},
        "expires_at": max(newest["expires_at"], now + STANDING),
    }


def entry_of(row: RowMapping, issuer: Issuer) -> Entry:
    """Return a released message as the feed lists it."""
    message = message_of({**row, "expires_at": row["released_at"]}, issuer, row["released_at"])
    zh, en = (message.wordings[language] for language in ("zh", "en"))
    return Entry(
        row["release_id"],
        row["number"],
        (headline(message, "zh"), headline(message, "en")),
        (zh.description, en.description),
        (message.msg_type, message.status, message.facts.level),
        row["released_at"],
    )
