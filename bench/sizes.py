"""How large a run is: short ones end within a minute on two cores."""

from dataclasses import dataclass
from typing import Literal

from bench.events import Lot, brief

Name = Literal["short", "long"]


@dataclass(frozen=True, slots=True)
class ScorerSize:
    """Events are what two scorers get after every product was seen once; ``alone`` what one gets then."""

    products: int
    events: int
    alone: int
    lot: Lot = brief


@dataclass(frozen=True, slots=True)
class RescoreSize:
    """Products, and events beyond the first of each."""

    products: int
    events: int


@dataclass(frozen=True, slots=True)
class IntakeSize:
    """Bodies of a thousand lines, and single posts over keep-alive connections."""

    bodies: int
    posts: int
    senders: int = 4
    connections: int = 64


@dataclass(frozen=True, slots=True)
class DeliverySize:
    """Changes told to every endpoint, and posts at fixed rates for some seconds after a warm-up.

    ``paced`` changes a second go to every endpoint while two more are sick, and while none is.
    """

    changes: int
    seconds: int
    paced_seconds: int
    endpoints: int = 50
    rates: tuple[int, ...] = (100, 500)
    paced: int = 10
    warm_up_seconds: int = 3


SCORER = {"short": ScorerSize(100_000, 120_000, 40_000), "long": ScorerSize(1_000_000, 1_000_000, 250_000)}
RESCORE = {"short": RescoreSize(20_000, 200_000), "long": RescoreSize(100_000, 1_000_000)}
INTAKE = {"short": IntakeSize(200, 15_000), "long": IntakeSize(1_500, 150_000)}
DELIVERY = {"short": DeliverySize(400, 7, 15), "long": DeliverySize(2_000, 60, 60)}
