"""Real data over HTTP, as any client would send it.

Facts and counts are real; single lots and their dates are not in the source: they are made here,
one lot per inspected batch, spread over the half-year before a given day.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable

import httpx2

from sealwatch.errors import Misconfigured
from sealwatch_cli.opened import opened

DATA = files("sealwatch_cli") / "data"
FOOD = DATA / "spot_checks" / "national_food_2019h2.csv"
SAFETY_GATE = DATA / "safety_gate" / "safety_gate_alerts.csv"
HALF_YEAR = timedelta(days=182)
LINES = 1_000
TIMEOUT_SECONDS = 30.0
GRAVE = ("infant", "health food")  # severity 4, as the shipped policy has it
NOT_NAMED = "not named in the source"


@dataclass(frozen=True, slots=True)
class Category:
    """One row of the table: a category of food as a product of its own."""

    product_id: str
    name: str
    inspected: int
    nonconforming: int

    @property
    def severity(self) -> int:
        """Return the severity class of these goods."""
        return 4 if any(word in self.name.lower() for word in GRAVE) else 3


def categories(table: Traversable) -> list[Category]:
    """Return the categories of the national food table."""
    with table.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Category(f"food-{n:02}", row["category_en"], int(row["inspected"]), int(row["nonconforming"]))
        for n, row in enumerate(rows)
    ]


def drill(found: Iterable[Category], name: str) -> Category:
    """Return the category of which the largest share failed, as a product of its own."""
    worst = max(found, key=lambda category: category.nonconforming / category.inspected)
    return replace(worst, product_id=f"drill-{name}")


def description(category: Category) -> dict[str, object]:
    """Return the facts of a category as the API takes them."""
    return {
        "name": category.name,
        "category": category.name[:64],
        "severity_class": category.severity,
        "region": "CN",
    }


def lots(found: Iterable[Category], fraction: float, until: date) -> Iterator[dict[str, object]]:
    """Return this fraction of all batches as lots, oldest first, failures spread evenly."""
    planned = []
    for category in found:
        count = max(1, round(category.inspected * fraction))
        failed = round(category.nonconforming * fraction)
        planned += [
            ((n + 0.5) / count, category.product_id, n, _is_failure(n, count, failed)) for n in range(count)
        ]
    end = datetime(until.year, until.month, until.day, tzinfo=UTC)
    for share, product_id, number, failure in sorted(planned):
        yield lot(product_id, number, end - HALF_YEAR * (1 - share), failed=failure)


def _is_failure(number: int, count: int, failed: int) -> bool:
    """Spread the failures as evenly as whole numbers allow."""
    return (number + 1) * failed // count > number * failed // count


def lot(product_id: str, number: int, at: datetime, *, failed: bool) -> dict[str, object]:
    """Return one inspection lot."""
    when = at.replace(microsecond=0).isoformat()
    return {
        "event_id": f"2019h2/{product_id}/{number}",
        "product_id": product_id,
        "lot": str(number),
        "region": "CN",
        "monitoring_mode": "daily",
        "laboratory": NOT_NAMED,
        "sampled_at": when,
        "reported_at": when,
        "items": [{"indicator": "all", "factor": "QUAL", "verdict": "fail" if failed else "pass"}],
    }


def notices(table: Traversable, until: date) -> Iterator[dict[str, object]]:
    """Return the Safety Gate alerts as sightings of official notices, one product a product category."""
    at = datetime(until.year, until.month, until.day, tzinfo=UTC).isoformat()
    with table.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            number = row["alert_number"]
            yield {
                "event_id": f"safety-gate/{number}",
                "product_id": "sg-"
                + re.sub(r"[^a-z0-9]+", "-", row["product_category"].lower()).strip("-")[:60],
                "kind": "official_notice",
                "platform": "EU Safety Gate",
                "title": row["product_name"][:300] or number,
                "excerpt": row["risk_description"][:2000],
                "suspect": 1,
                "seen": 1,
                "captured_at": at,
            }


class Client:
    """The two doors, with one key."""

    def __init__(self, ingest: str, api: str, key: str) -> None:
        """Keep where to send."""
        self._ingest, self._api = ingest, api
        self._http = opened(key, TIMEOUT_SECONDS)

    def describe(self, category: Category) -> None:
        """Record the facts of a category."""
        answer = self._http.put(f"{self._api}/v1/products/{category.product_id}", json=description(category))
        _expect(answer, 200, 201)

    def post(self, path: str, events: list[dict[str, object]]) -> int:
        """Send events as NDJSON and return how many were accepted; safe to repeat."""
        body = "\n".join(json.dumps(event) for event in events)
        headers = {"content-type": "application/x-ndjson"}
        answer = self._http.post(f"{self._ingest}{path}", content=body, headers=headers)
        _expect(answer, 200, 202)
        return int(answer.json()["accepted"])


def batches(events: Iterable[dict[str, object]], size: int = LINES) -> Iterator[list[dict[str, object]]]:
    """Return the events in lists of this size."""
    batch: list[dict[str, object]] = []
    for event in events:
        batch.append(event)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _expect(answer: httpx2.Response, *statuses: int) -> None:
    if answer.status_code not in statuses:
        raise Misconfigured(f"{answer.request.url} answered {answer.status_code}: {answer.text[:500]}")
