"""Real lots in one event time, so that the end state of every category has a closed form."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.risk.decay import factor_at
from sealwatch.risk.policy import Policy
from sealwatch_cli.replay import FOOD

SAMPLED = datetime(2026, 11, 1, tzinfo=UTC)
SENDER = Stamp("centre", "spot-checks", "national_spot_check", accredited=True)
DESK = Stamp("sealwatch", "api")
MILLION = 1_000_000


def counts(wanted: int) -> dict[str, tuple[int, int]]:
    """Return lots and failed lots of each category, in proportion to the table."""
    with FOOD.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    total = sum(int(row["inspected"]) for row in rows)
    found = {}
    for number, row in enumerate(rows):
        lots = round(int(row["inspected"]) * wanted / total)
        found[f"food-{number:02}"] = (lots, round(int(row["nonconforming"]) * wanted / total))
    return found


def records(table: dict[str, tuple[int, int]]) -> list[Record]:
    """Return the lots of all categories, interleaved."""
    lots = [
        (n / count, product, n, n < failed)
        for product, (count, failed) in table.items()
        for n in range(count)
    ]
    return [_record(product, n, failed) for _, product, n, failed in sorted(lots)]


def _record(product: str, number: int, failed: bool) -> Record:  # noqa: FBT001
    event_id = f"{product}/{number}"
    body = {
        "event_id": event_id,
        "product_id": product,
        "lot": str(number),
        "region": "CN",
        "monitoring_mode": "daily",
        "laboratory": "not named in the source",
        "sampled_at": SAMPLED.isoformat(),
        "reported_at": SAMPLED.isoformat(),
        "items": [{"indicator": "all", "factor": "QUAL", "verdict": "fail" if failed else "pass"}],
    }
    uid = uid_of(SENDER.organisation, SENDER.source, event_id)
    envelope = Envelope("inspection.reported.v1", uid, product, SAMPLED)
    return encode(envelope, json.dumps(body).encode(), SENDER.headers(), EVIDENCE.name)


def descriptions(products: Iterable[str], revision: int) -> list[Record]:
    """Return facts that move every product to another level and leave its sums alone."""
    return [_description(product, revision) for product in products]


def _description(product: str, revision: int) -> Record:
    facts = {"name": product, "category": "goods", "severity_class": 4 if revision % 2 else 1}
    body = {
        "product_id": product,
        "facts_revision": revision,
        "recorded_at": SAMPLED.isoformat(),
        "facts": facts,
    }
    uid = uid_of("sealwatch", "api", f"{product}/{revision}")
    envelope = Envelope("product.described.v1", uid, product, SAMPLED)
    return encode(envelope, json.dumps(body).encode(), DESK.headers(), EVIDENCE.name)


def expected(table: dict[str, tuple[int, int]], policy: Policy) -> dict[str, tuple[int, int]]:
    """Return the sums of each category as exact integers: count x rounded contribution."""
    grown = factor_at(int(SAMPLED.timestamp()), policy.half_lives["QUAL"])
    return {
        p: (failed * MILLION * grown, lots * MILLION * grown) for p, (lots, failed) in table.items() if lots
    }
