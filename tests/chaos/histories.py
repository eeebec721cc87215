"""Generated histories: what happened is fixed, how it arrived is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sealwatch.contracts.codec import Received
from sealwatch.contracts.log import decode
from sealwatch.risk.policy import Policy
from sealwatch.risk.state import EMPTY, State, fold_all
from sealwatch.scoring.evidence import evidence_of
from tests.factories import NOON, NOON_MS, inspection, received, retraction


@dataclass(frozen=True)
class Happened:
    """The lots of one product, and which of them were taken back."""

    product_id: str
    lots: tuple[dict, ...]
    retractions: tuple[dict, ...]

    def sums(self, policy: Policy) -> State:
        """Return the state that only what stands leaves, folded in one go."""
        back = {body["retracted_event_id"] for body in self.retractions}
        stands = [received(body) for body in self.lots if body["event_id"] not in back]
        said = [piece for record in stands for piece in evidence_of(decode(record), policy)]
        return fold_all(EMPTY, said)


def happened(draw: Random, number: int) -> Happened:
    """Return what happened to one product: a few lots over a year, some of them taken back."""
    product_id = f"H{number}"
    lots = tuple(
        inspection(
            product_id,
            f"{product_id}/lot-{n}",
            failed=draw.random() < 0.3,
            sampled_at=NOON - timedelta(days=draw.randrange(365), seconds=draw.randrange(86_400)),
        )
        for n in range(draw.randint(2, 8))
    )
    back = draw.sample(lots, draw.randrange(len(lots)))
    retractions = tuple(
        retraction(product_id, f"{product_id}/back-{n}", of=body["event_id"]) for n, body in enumerate(back)
    )
    return Happened(product_id, lots, retractions)


def arrived(draw: Random, history: Happened, partition: int) -> list[list[Received]]:
    """Return the polls in which it arrived: any order, some of it twice, cut anywhere."""
    bodies = [*history.lots, *history.retractions]
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
