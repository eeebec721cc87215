"""One attempt, before and after: what is sent, and what follows from how it went."""

from dataclasses import dataclass
from datetime import datetime

from standardwebhooks import Webhook

from sealwatch.errors import DeliveryFailed, Refused, Unavailable
from sealwatch_alerts.retry import next_attempt


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


def conclude(failure: DeliveryFailed | None, failures: int, now: datetime, jitter: float) -> Conclusion:
    """Return what follows; ``failures`` counts those before this attempt."""
    if failure is None:
        return Conclusion("delivered", "delivered", "")
    if isinstance(failure, Refused):
        return Conclusion("cancelled", "refused", str(failure), disable=True)
    retry_after = failure.retry_after if isinstance(failure, Unavailable) else None
    next_at = next_attempt(failures + 1, now, jitter, retry_after)
    if next_at is None:
        return Conclusion("dead", "unavailable", str(failure))
    return Conclusion("pending", "unavailable", str(failure), next_at)
