"""One attempt, before and after: what is sent, and what follows from how it went."""

import json
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from standardwebhooks import Webhook

from sealwatch.errors import DeliveryFailed, Refused, Unavailable
from sealwatch_alerts.retry import next_attempt, patience

LONGEST_DETAIL = 1_000
LONGEST_NAME, LONGEST_ANSWER = 100, 2_000
_ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out: raw bytes and the headers that sign them."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A receiver's word that somebody saw the warning, and what is done about it."""

    who: str
    answer: str


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The state of a delivery after an attempt; ``disable`` ends its endpoint."""

    state: str
    outcome: str
    detail: str
    next_at: datetime | None = None
    disable: bool = False
    status: int | None = None
    seen: Seen | None = None


def prepare(url: str, secret: str, delivery_id: bytes, body: bytes, now: datetime) -> Request:
    """Return the signed request; the id is that of the delivery, the same at every attempt."""
    webhook_id = f"msg_{delivery_id.hex()}"
    headers = {
        "content-type": "application/json",
        "user-agent": "Sealwatch-Webhooks/1",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body.decode()),
    }
    return Request(url, body, headers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went: the status of the answer, and what was wrong with it, if anything."""

    status: int | None = None
    failure: DeliveryFailed | None = None
    seen: Seen | None = None


def answered(status: int, retry_after: str, now: datetime, body: bytes = b"") -> Outcome:
    """Return what an answer means: its status is the contract; its body may say that somebody saw it."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(status, seen=seen_in(body))
    if status == HTTPStatus.GONE:
        return Outcome(status, Refused("status 410: the endpoint is gone"))
    return Outcome(status, Unavailable(f"status {status}", patience(retry_after, now)))


def seen_in(body: bytes) -> Seen | None:
    """Return the acknowledgement of ``{"acknowledged": {"who": ..., "answer": ...}}``, None for all else."""
    if _ACKNOWLEDGED.encode() not in body:
        return None
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = said.get(_ACKNOWLEDGED) if isinstance(said, dict) else None
    who, answer = (found.get(name, "") for name in ("who", "answer")) if isinstance(found, dict) else ("", "")
    if not isinstance(who, str) or not isinstance(answer, str) or not _shown(who, LONGEST_NAME):
        return None
    return Seen(_shown(who, LONGEST_NAME), _shown(answer, LONGEST_ANSWER))


def _shown(text: str, longest: int) -> str:
    return "".join(c for c in text[:longest] if c.isprintable() or c == "\n").strip()


def conclude(outcome: Outcome, failures: int, now: datetime, jitter: float) -> Conclusion:
    """Return what follows; ``failures`` counts those before this attempt."""
    status, failure = outcome.status, outcome.failure
    if failure is None:
        return Conclusion("delivered", "delivered", "", status=status, seen=outcome.seen)
    detail = str(failure)[:LONGEST_DETAIL]
    if isinstance(failure, Refused):
        gone = status == HTTPStatus.GONE
        return Conclusion("cancelled" if gone else "dead", "refused", detail, disable=gone, status=status)
    retry_after = failure.retry_after if isinstance(failure, Unavailable) else None
    next_at = next_attempt(failures + 1, now, jitter, retry_after)
    return Conclusion("pending" if next_at else "dead", "unavailable", detail, next_at, status=status)
