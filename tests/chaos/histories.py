"""Generated histories: what happened is fixed, how it arrived is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sealwatch.contracts.base import uid_of
from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import decode
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import EMPTY, Said, State, fold_all
from sealwatch.scoring.evidence import evidence_of
from sealwatch.scoring.maxima import newest_of
from tests.factories import NOON, NOON_MS, inspection, received, retraction

STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}


@dataclass(frozen=True)
class Happened:
    """The lots of one product, which of them were taken back, and retractions under a strange product."""

    product_id: str
    lots: tuple[dict, ...]
    retractions: tuple[dict, ...]
    strange: tuple[dict, ...]

    def sums(self, policy: Policy) -> State:
        """Return the state that only what stands leaves, folded in one go."""
        return fold_all(EMPTY, self._said(policy))

    def newest(self, policy: Policy) -> int | None:
        """Return the newest time of what stands."""
        return newest_of(self._said(policy), None)

    def set_aside(self) -> list[bytes]:
        """Return the uids of what belongs into quarantine, sorted."""
        return sorted(uid_of("lab", "lims", body["event_id"]) for body in self.strange)

    def _said(self, policy: Policy) -> list[Said]:
        back = {body["retracted_event_id"] for body in self.retractions}
        stands = [received(body) for body in self.lots if body["event_id"] not in back]
        return [piece for record in stands for piece in evidence_of(decode(record), policy)]


def happened(draw: Random, number: int) -> Happened:
    """Return what happened to one product: a few lots over a year, some taken back, some strangely."""
    product_id = f"H{number}"
    lots = tuple(_lot(draw, product_id, n) for n in range(draw.randint(2, 8)))
    back = draw.sample(lots, draw.randrange(len(lots)))
    retractions = tuple(
        retraction(product_id, f"{product_id}/back-{n}", of=body["event_id"]) for n, body in enumerate(back)
    )
    strange = tuple(
        retraction(
            f"{product_id}/{draw.choice('ab')}", f"{product_id}/strange-{n}", draw.choice(lots)["event_id"]
        )
        for n in range(draw.randint(0, 3))
    )
    return Happened(product_id, lots, retractions, strange)


def _lot(draw: Random, product_id: str, number: int) -> dict:
    """Return a lot, most of which are also held against a compulsory standard."""
    failed = draw.random() < 0.3
    sampled_at = NOON - timedelta(days=draw.randrange(365), seconds=draw.randrange(86_400))
    body = inspection(product_id, f"{product_id}/lot-{number}", failed=failed, sampled_at=sampled_at)
    body["monitoring_mode"] = ("daily", "special")[number % 2]
    verdict = "fail" if failed else "pass"
    bound = {"indicator": draw.choice("xyz"), "factor": "QUAL", "verdict": verdict, "standard": STANDARD}
    return body | {"items": [*body["items"], bound][: draw.choice((1, 2, 2))]}


def arrived(draw: Random, history: Happened, partition: int) -> list[list[Received]]:
    """Return the polls in which it arrived: any order, some of it twice, cut anywhere."""
    bodies = [*history.lots, *history.retractions, *history.strange]
    bodies += [body for body in bodies if draw.random() < 0.3]
    draw.shuffle(bodies)
    records = [received(body, n, NOON_MS + n, partition) for n, body in enumerate(bodies)]
    return list(_cut(draw, records))


def _cut(draw: Random, records: Sequence[Received]) -> list[list[Received]]:
    polls, rest = [], list(records)
    while rest:
        size = draw.randint(1, len(rest))
        polls.append(rest[:size])
        rest = rest[size:]
    return polls
