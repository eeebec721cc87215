"""How large a run is: short ones end within a minute on two cores."""

from dataclasses import dataclass
from typing import Literal

Name = Literal["short", "long"]


@dataclass(frozen=True, slots=True)
class ScorerSize:
    """Events are what comes after every product was seen once."""

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
    """Changes told to every endpoint, and posts at a fixed rate for some seconds after a warm-up."""

    changes: int
    seconds: int
    endpoints: int = 50
    rate: int = 100
    warm_up_seconds: int = 3


SCORER = {"short": ScorerSize(20_000, 100_000), "long": ScorerSize(100_000, 1_000_000)}
RESCORE = {"short": ScorerSize(20_000, 200_000), "long": ScorerSize(100_000, 1_000_000)}
INTAKE = {"short": IntakeSize(200, 15_000), "long": IntakeSize(1_500, 150_000)}
DELIVERY = {"short": DeliverySize(400, 15), "long": DeliverySize(2_000, 60)}
