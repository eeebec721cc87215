"""The local receiver as the demonstration sees it: its subscription, and what has arrived there."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.memory import write_private

DEPARTMENT = "Local receiver"
PAGE = 200
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The subscriptions to end, and whether one must be made."""

    ended: tuple[str, ...]
    made: bool


def wish_of(address: str) -> dict[str, str]:
    """Return the subscription of a receiver at this address."""
    return {"department": DEPARTMENT, "url": f"{address}/", "minimum_level": "medium"}


def reconciled(known: Iterable[Answer], wish: Mapping[str, str], *, secret_kept: bool) -> Reconciled:
    """Return what it takes until just one subscription tells the receiver where it is now.

    A secret is shown once: without it the signatures of a subscription cannot be checked, so that
    the subscription is of no use. So is one that was disabled, or that names an address of before.
    """
    own = [one for one in known if one["department"] == wish["department"]]
    good = [one for one in own if secret_kept and one["disabled_at"] is None and wish.items() <= one.items()]
    kept = good[0]["subscription_id"] if good else None
    ended = tuple(one["subscription_id"] for one in own if one["subscription_id"] != kept)
    return Reconciled(ended, made=kept is None)


def subscribe(http: httpx2.Client, address: str, secrets: Path) -> None:
    """Bring the subscription of the receiver in line with where it is, and keep its secret."""
    kept = secrets.exists() and bool(secrets.read_text().strip())
    if kept:
        secrets.chmod(0o600)  # it was readable for all in a release before
    wish = wish_of(address)
    plan = reconciled(listed(http), wish, secret_kept=kept)
    for subscription_id in plan.ended:
        answered(http.delete(f"/v1/subscriptions/{subscription_id}"), httpx2.codes.NO_CONTENT)
    if plan.made:
        made = answered(http.post("/v1/subscriptions", json=wish), httpx2.codes.CREATED).json()
        write_private(secrets, f"{made['secret']}\n")


def arrived(received: Path, since: datetime) -> list[Answer]:
    """Return what arrived with a good signature of changes that happened since then.

    A warning of an earlier run may arrive now, when its receiver was away; it is not meant.
    Changes are dated to the second.
    """
    since = since.replace(microsecond=0)
    lines = received.read_text().splitlines() if received.exists() else []
    found = (json.loads(line) for line in lines if line.strip())
    return [one for one in found if one["verified"] and _changed_at(one) >= since]


def _changed_at(webhook: Answer) -> datetime:
    return datetime.fromisoformat(json.loads(webhook["body"])["timestamp"])


def listed(http: httpx2.Client) -> list[Answer]:
    """Return every subscription of one's own organisation."""
    found: list[Answer] = []
    asked: dict[str, str | int] = {"limit": PAGE}
    while True:
        page = answered(http.get("/v1/subscriptions", params=asked), httpx2.codes.OK).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        asked["cursor"] = page["next_cursor"]


def answered(answer: httpx2.Response, status: int) -> httpx2.Response:
    """Return the answer, or raise Misconfigured where its status is another."""
    if answer.status_code != status:
        raise Misconfigured(f"{answer.request.url} answered {answer.status_code}: {answer.text[:300]}")
    return answer
