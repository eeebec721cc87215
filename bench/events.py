"""Inspections as a laboratory sends them, of one item or of two; one lot in 45 fails."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from sealwatch.contracts.base import uids_of
from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.products import ProductFacts
from sealwatch.contracts.topics import EVIDENCE

CENTRE = Stamp("centre", "bench", "national_spot_check", accredited=True)
FAILS_ONE_IN = 45  # as in the national food spot checks of 2019, 2.2 %
HISTORY = timedelta(days=90)
STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}
_UID = uids_of(CENTRE.organisation, CENTRE.source)


class Lot(Protocol):
    """Makes the body of one inspected lot."""

    def __call__(self, product_id: str, event_id: str, at: datetime, *, failed: bool) -> dict[str, Any]:
        """Return the body."""


def inspection(product_id: str, event_id: str, at: datetime, *, failed: bool) -> dict[str, Any]:
    """Return the body of a lot of two items, some 560 bytes."""
    verdict = "fail" if failed else "pass"
    when = at.isoformat()
    return {
        "event_id": event_id,
        "product_id": product_id,
        "enterprise_id": f"E-{product_id[-4:]}",
        "lot": event_id,
        "region": "330106",
        "monitoring_mode": "daily",
        "laboratory": "Provincial Institute",
        "sampled_at": when,
        "reported_at": when,
        "items": [
            {
                "indicator": "copy acceptance",
                "factor": "COPY",
                "failures": 0,
                "trials": 20,
                "verdict": "pass",
            },
            {
                "indicator": "peel strength",
                "factor": "QUAL",
                "value": 2.35,
                "unit": "N/cm",
                "standard": STANDARD,
                "verdict": verdict,
            },
        ],
    }


def brief(product_id: str, event_id: str, at: datetime, *, failed: bool) -> dict[str, Any]:
    """Return a lot of one item in the 394 bytes of the event that the speed of scoring is stated for.

    The figures of peers and prototype that the targets come from were taken with events of that size.
    """
    body = inspection(product_id, event_id, at, failed=failed)
    del body["enterprise_id"], body["items"][0]
    body["laboratory"] = "An Institute"
    body["items"][0]["standard"] = {"code": "EXAMPLE 1", "rank": STANDARD["rank"]}
    return body


def grave(product_id: str, event_id: str, at: datetime) -> dict[str, Any]:
    """Return a lot so bad that its product is warned of at once: every copy passed for genuine."""
    body = inspection(product_id, event_id, at, failed=True)
    body["items"][0] |= {"failures": 20, "verdict": "fail"}
    return body


def lots(products: int, numbers: range, now: datetime, lot: Lot = inspection) -> Iterator[dict[str, Any]]:
    """Return lots in turn over all products, spread over the history before now."""
    step = HISTORY / max(1, len(numbers))
    for done, number in enumerate(numbers):
        at = (now - HISTORY + step * done).replace(microsecond=0)
        failed = number % FAILS_ONE_IN == 0
        yield lot(f"product-{number % products:06}", f"bench/{number}", at, failed=failed)


def record(body: dict[str, Any]) -> Record:
    """Return the record that ingest would make of a body."""
    at = datetime.fromisoformat(body["sampled_at"])
    envelope = Envelope("inspection.reported.v1", _UID(body["event_id"]), body["product_id"], at)
    return encode(envelope, msgspec.json.encode(body), CENTRE.headers(), EVIDENCE.name)


def facts(category: str) -> ProductFacts:
    """Return the recorded facts of a product."""
    return ProductFacts(name="Label", category=category, severity_class=3, region="330106")
