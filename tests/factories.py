"""Values for tests: short ways to make an event, a record, a stamp."""

import json
from datetime import UTC, datetime, timedelta

from sealwatch.contracts.base import derived_uid, uid_of
from sealwatch.contracts.codec import Envelope, Received, Record, Stamp, encode
from sealwatch.contracts.risk import LevelChanged
from sealwatch.contracts.topics import EVIDENCE
from sealwatch.routing.audience import Subscription

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = int(NOON.timestamp()) * 1000
DAY_MS = 86_400_000
READERS = Stamp("lab", "lims", "user_report")
LAB = Stamp("lab", "lims", "national_spot_check", accredited=True)


def inspection(product_id="P1", event_id="lot-1", *, failed=False, sampled_at=NOON) -> dict:
    verdict = "fail" if failed else "pass"
    return {
        "event_id": event_id,
        "product_id": product_id,
        "lot": event_id,
        "region": "110000",
        "monitoring_mode": "daily",
        "laboratory": "Laboratory 1",
        "sampled_at": sampled_at.isoformat(),
        "reported_at": sampled_at.isoformat(),
        "items": [{"indicator": "copies accepted", "factor": "COPY", "verdict": verdict}],
    }


def heard(product_id="P1", event_id="lot-1", *, trials=10, sampled_at=NOON) -> dict:
    """Return what the market says well of a product; opinion, where its sender's class is one."""
    item = {"indicator": "complaints", "factor": "MKT", "failures": 0, "trials": trials, "verdict": "pass"}
    return inspection(product_id, event_id, sampled_at=sampled_at) | {"items": [item]}


def retraction(product_id="P1", event_id="back-1", of="lot-1") -> dict:
    return {
        "event_id": event_id,
        "product_id": product_id,
        "source": "lims",
        "retracted_event_id": of,
        "reason": "sample mixed up",
        "retracted_at": NOON.isoformat(),
    }


def description(product_id="P1", revision=1, severity_class=3, category="labels") -> dict:
    facts = {"name": "Label", "category": category, "severity_class": severity_class}
    return {
        "product_id": product_id,
        "facts_revision": revision,
        "recorded_at": NOON.isoformat(),
        "facts": facts,
    }


def override(product_id="P1", revision=1, level="serious", expires_at=NOON + timedelta(days=2)) -> dict:
    return {
        "product_id": product_id,
        "revision": revision,
        "level": level,
        "reason": "seized goods, the laboratory is awaited",
        "expires_at": expires_at.isoformat() if level else None,
        "recorded_at": NOON.isoformat(),
        "recorded_by": "lab/duty",
    }


def type_of(body: dict) -> str:
    if "facts" in body:
        return "product.described.v1"
    if "recorded_by" in body:
        return "level.overridden.v1"
    if "observed_at" in body:
        return "reading.taken.v1"
    if "captured_at" in body:
        return "sighting.recorded.v1"
    if "incidents" in body:
        return "incidents.counted.v1"
    return "evidence.retracted.v1" if "retracted_event_id" in body else "inspection.reported.v1"


def record(body: dict, sender: Stamp = LAB) -> Record:
    revision = body.get("facts_revision") or f"override-{body.get('revision')}"
    event_id = body.get("event_id") or f"facts-{revision}"
    uid = uid_of(sender.organisation, sender.source, event_id)
    envelope = Envelope(type_of(body), uid, body["product_id"], NOON)
    return encode(envelope, json.dumps(body).encode(), sender.headers(), EVIDENCE.name)


def received(body: dict, offset=0, appended_ms=NOON_MS, partition=0, sender: Stamp = LAB) -> Received:
    sent = record(body, sender)
    return Received(sent.topic, partition, offset, appended_ms, sent.key, sent.value, sent.headers)


def level_change(product_id="P1", sequence=1, before="low", after="high", **other) -> LevelChanged:
    facts = {"category": "labels", "enterprise_id": "E1", "region": "110105", "severity_class": 3}
    known = {
        "facts_known": True,
        "facts_revision": 1,
        "policy_version": "2026.2",
        "last_event_uid": "00" * 16,
    }
    now = {"index": 60.0, "indicated": "high", "main_factor": "COPY", "reason": "raised"}
    uid = derived_uid("change", product_id, str(sequence)).hex()
    levels = {"before": before, "after": after, "start_level": "low"}
    told = {"uid": uid, "product_id": product_id, "sequence": sequence, "changed_at": NOON.isoformat()}
    return LevelChanged(**{**facts, **known, **now, **levels, **told, **other})


def incident_count(product_id="P1", event_id="count-1", incidents=2, days=60) -> dict:
    watched = {"observed_from": (NOON - timedelta(days=days)).isoformat(), "observed_until": NOON.isoformat()}
    named = {"event_id": event_id, "product_id": product_id, "indicator": "falsified reports"}
    return {**named, "factor": "INTG", "incidents": incidents, **watched}


def reading(product_id="P1", event_id="reading-1", *, value="0.5", observed_at=NOON) -> dict:
    named = {"event_id": event_id, "product_id": product_id, "point_id": "POINT", "device_id": "METER"}
    measured = {"indicator": "gap", "value": value, "unit": "mm", "sequence": 1, "quality": "good"}
    return {**named, **measured, "observed_at": observed_at.isoformat()}


def sighting(product_id="P1", event_id="page-1", *, suspect=3, captured_at=NOON) -> dict:
    named = {"event_id": event_id, "product_id": product_id, "kind": "listing", "platform": "Market"}
    return {**named, "suspect": suspect, "seen": 20, "captured_at": captured_at.isoformat()}


def reader(number=0, **parts) -> Subscription:
    """Return a subscription of the centre's one office that lets everything through."""
    own = {"organisation_id": "centre", "office": "D", "minimum_level": 1}
    return Subscription(subscription_id=number.to_bytes(16, "big"), **{**own, **parts})
