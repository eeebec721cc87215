"""Generated histories: what happened is fixed, how it arrived is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Received, Stamp
from sealwatch.contracts.log import decode
from sealwatch.risk.policy import Level, Policy
from sealwatch.risk.state import EMPTY, Said, State, fold_all
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.maxima import newest_of
from tests.factories import (
    LAB,
    NOON,
    NOON_MS,
    description,
    incident_count,
    inspection,
    override,
    reading,
    received,
    retraction,
    sighting,
)

STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}
METER = Stamp(
    "lab", "lims", "monitoring_point", accredited=True, period_seconds=3_600,
    limit='{"factor": "ENVR", "limits": {"upper": "1", "unit": "mm"}}',
)  # fmt: skip
MOST_WORDS = 10  # about one product: their revisions, and so their ids, are no other one's


@dataclass(frozen=True)
class Happened:
    """What was said of one product, what of it was taken back, and retractions under a strange product.

    ``said`` holds evidence of every kind, ``words`` facts and overrides, of which the newest revision counts.
    """

    product_id: str
    said: tuple[dict, ...]
    words: tuple[dict, ...]
    retractions: tuple[dict, ...]
    strange: tuple[dict, ...]

    def sums(self, policy: Policy) -> State:
        """Return the state that only what stands leaves, folded in one go."""
        return fold_all(EMPTY, self._said(policy))

    def newest(self, policy: Policy) -> int | None:
        """Return the newest time of what stands."""
        return newest_of(self._said(policy), None)

    def facts(self, policy: Policy) -> tuple[int, str | None, int]:
        """Return revision, category and severity class of the newest facts."""
        known = [body for body in self.words if "facts" in body]
        newest = max(known, key=lambda body: body["facts_revision"], default=None)
        if newest is None:
            return 0, None, policy.unknown_severity
        return newest["facts_revision"], newest["facts"]["category"], newest["facts"]["severity_class"]

    def override(self) -> tuple[int, int | None, datetime | None]:
        """Return revision, level and end of the newest word on the level in force."""
        known = [body for body in self.words if "facts" not in body]
        newest = max(known, key=lambda body: body["revision"], default=None)
        if newest is None or newest["level"] is None:
            return newest["revision"] if newest else 0, None, None
        return (
            newest["revision"],
            Level[newest["level"].upper()],
            datetime.fromisoformat(newest["expires_at"]),
        )

    def set_aside(self) -> list[bytes]:
        """Return the uids of what belongs into quarantine, sorted."""
        return sorted(uid_of("lab", "lims", body["event_id"]) for body in self.strange)

    def _said(self, policy: Policy) -> list[Said]:
        back = {body["retracted_event_id"] for body in self.retractions}
        stands = [recorded(body) for body in self.said if body["event_id"] not in back]
        return [piece for record in stands for piece in evidence_of(decode(record), policy)]


def happened(draw: Random, number: int) -> Happened:
    """Return what happened to one product: a few things over a year, some taken back, some strangely."""
    product_id = f"H{number}"
    said = tuple(_evidence(draw, product_id, n) for n in range(draw.randint(2, 8)))
    back = draw.sample(said, draw.randrange(len(said)))
    retractions = tuple(
        retraction(product_id, f"{product_id}/back-{n}", of=body["event_id"]) for n, body in enumerate(back)
    )
    strange = tuple(
        retraction(
            f"{product_id}/{draw.choice('ab')}", f"{product_id}/strange-{n}", draw.choice(said)["event_id"]
        )
        for n in range(draw.randint(0, 3))
    )
    first = MOST_WORDS * number + 1
    words = tuple(_word(draw, product_id, first + n) for n in range(draw.randint(0, 4)))
    return Happened(product_id, said, words, retractions, strange)


def _evidence(draw: Random, product_id: str, number: int) -> dict:
    """Return evidence of any kind; half of it are lots, which can set floors."""
    name = f"{product_id}/said-{number}"
    at = NOON - timedelta(days=draw.randrange(365), seconds=draw.randrange(86_400))
    kind = draw.choice(("lot", "lot", "lot", "reading", "sighting", "count"))
    if kind == "reading":
        return reading(product_id, name, value=draw.choice(("0.5", "1.5")), observed_at=at)
    if kind == "sighting":
        return sighting(product_id, name, suspect=draw.randrange(20), captured_at=at)
    if kind == "count":
        watched = {"observed_from": at - timedelta(days=draw.randint(1, 60)), "observed_until": at}
        count = incident_count(product_id, name, draw.randrange(3))
        return count | {end: instant.isoformat() for end, instant in watched.items()}
    return _lot(draw, product_id, name, at)


def _word(draw: Random, product_id: str, revision: int) -> dict:
    """Return facts, or a word on the level in force, which stands beyond all that arrives."""
    if draw.random() < 0.5:
        return description(product_id, revision, draw.randint(1, 4), draw.choice(("labels", "inks")))
    return override(product_id, revision, draw.choice((None, "low", "serious")))


def _lot(draw: Random, product_id: str, name: str, sampled_at: datetime) -> dict:
    """Return a lot, most of which are also held against a compulsory standard."""
    failed = draw.random() < 0.3
    body = inspection(product_id, name, failed=failed, sampled_at=sampled_at)
    body["monitoring_mode"] = draw.choice(("daily", "special"))
    verdict = "fail" if failed else "pass"
    bound = {"indicator": draw.choice("xyz"), "factor": "QUAL", "verdict": verdict, "standard": STANDARD}
    return body | {"items": [*body["items"], bound][: draw.choice((1, 2, 2))]}


def arrived(draw: Random, history: Happened, partition: int) -> list[list[Received]]:
    """Return the polls in which it arrived: any order, some of it twice, cut anywhere."""
    bodies = [*history.said, *history.words, *history.retractions, *history.strange]
    bodies += [body for body in bodies if draw.random() < 0.3]
    draw.shuffle(bodies)
    return list(_cut(draw, [recorded(body, n, partition) for n, body in enumerate(bodies)]))


def recorded(body: dict, number: int = 0, partition: int = 0) -> Received:
    """Return an event as it arrived: a reading with the limit that intake stamps on it."""
    sender = METER if "observed_at" in body else LAB
    return received(body, number, NOON_MS + number, partition, sender)


def _cut(draw: Random, records: Sequence[Received]) -> list[list[Received]]:
    polls, rest = [], list(records)
    while rest:
        size = draw.randint(1, len(rest))
        polls.append(rest[:size])
        rest = rest[size:]
    return polls
