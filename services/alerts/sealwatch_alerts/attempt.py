"""One attempt, before and after: what is sent, and what follows from how it went."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from standardwebhooks import Webhook

from sealwatch.errors import DeliveryFailed, Refused, Unavailable
from sealwatch_alerts.retry import next_attempt, patience

LONGEST_DETAIL = 1_000
LEAST_SECRET_BYTES = 24  # of the 24 to 64 that Standard Webhooks asks for
LONGEST_NAME, LONGEST_ANSWER = 100, 2_000
_ACKNOWLEDGED = "acknowledged"
_NAMED: dict[int, str] = {HTTPStatus.GONE: "gone", HTTPStatus.TOO_MANY_REQUESTS: "rate_limited"}


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
    """The state of a delivery after an attempt; ``disable`` ends its endpoint.

    ``kind`` is the word under which a failure is counted.
    """

    state: str
    outcome: str
    detail: str
    next_at: datetime | None = None
    disable: bool = False
    status: int | None = None
    seen: Seen | None = None
    kind: str = ""


def prepare(url: str, secrets: Sequence[str], delivery_id: bytes, body: bytes, now: datetime) -> Request:
    """Return the signed request; the id is that of the delivery, the same at every attempt.

    While secrets rotate, each one signs. Raise ValueError where one is no secret or too short.
    """
    webhook_id = f"msg_{delivery_id.hex()}"
    headers = {
        "content-type": "application/json",
        "user-agent": "Sealwatch-Webhooks/1",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(_signer(one).sign(webhook_id, now, body.decode()) for one in secrets),
    }
    return Request(url, body, headers)


def _signer(secret: str) -> Webhook:
    """Return what signs with a secret; one that is short is worth no signature."""
    if len(base64.b64decode(secret.removeprefix("whsec_"))) < LEAST_SECRET_BYTES:
        raise ValueError("the secret is shorter than 24 bytes")
    return Webhook(secret)


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


def reason_of(outcome: Outcome) -> str:
    """Return the word under which a failure is counted, one of a short list."""
    status, failure = outcome.status, outcome.failure
    if status is None:
        return failure.kind if isinstance(failure, Unavailable) else "address_refused"
    return _NAMED.get(status, f"status_{status // 100}xx")


def conclude(outcome: Outcome, failures: int, now: datetime, jitter: float) -> Conclusion:
    """Return what follows; ``failures`` counts those before this attempt."""
    status, failure = outcome.status, outcome.failure
    if failure is None:
        return Conclusion("delivered", "delivered", "", status=status, seen=outcome.seen)
    detail, kind = str(failure)[:LONGEST_DETAIL], reason_of(outcome)
    if isinstance(failure, Refused):
        gone = status == HTTPStatus.GONE
        state = "cancelled" if gone else "dead"
        return Conclusion(state, "refused", detail, disable=gone, status=status, kind=kind)
    retry_after = failure.retry_after if isinstance(failure, Unavailable) else None
    next_at = next_attempt(failures + 1, now, jitter, retry_after)
    state = "pending" if next_at else "dead"
    return Conclusion(state, "unavailable", detail, next_at, status=status, kind=kind)
