"""One attempt, before and after: what is sent, and what follows from how it went."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from standardwebhooks import Webhook

from sealwatch.errors import DeliveryFailed, Refused, Unavailable
from sealwatch_alerts.retry import next_attempt, patience

LONGEST_DETAIL = 1_000


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out: raw bytes and the headers that sign them."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The state of a delivery after an attempt; ``disable`` ends its endpoint."""

    state: str
    outcome: str
    detail: str
    next_at: datetime | None = None
    disable: bool = False
    status: int | None = None


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


def answered(status: int, retry_after: str, now: datetime) -> Outcome:
    """Return what an answer means: its status is the contract, its body is not looked at."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Outcome(status)
    if status == HTTPStatus.GONE:
        return Outcome(status, Refused("status 410: the endpoint is gone"))
    return Outcome(status, Unavailable(f"status {status}", patience(retry_after, now)))


def conclude(outcome: Outcome, failures: int, now: datetime, jitter: float) -> Conclusion:
    """Return what follows; ``failures`` counts those before this attempt."""
    status, failure = outcome.status, outcome.failure
    if failure is None:
        return Conclusion("delivered", "delivered", "", status=status)
    detail = str(failure)[:LONGEST_DETAIL]
    if isinstance(failure, Refused):
        gone = status == HTTPStatus.GONE
        return Conclusion("cancelled" if gone else "dead", "refused", detail, disable=gone, status=status)
    retry_after = failure.retry_after if isinstance(failure, Unavailable) else None
    next_at = next_attempt(failures + 1, now, jitter, retry_after)
    return Conclusion("pending" if next_at else "dead", "unavailable", detail, next_at, status=status)
