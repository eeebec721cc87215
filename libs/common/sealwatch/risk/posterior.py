"""How sure we are of a failure rate: the one module that touches the numeric library."""

from collections.abc import Callable, Sequence
from math import expm1, log1p

from scipy.special import betaincc, betaincinv, cython_special, gammaincinv

CLEARLY = 1e-3  # of a chance, 20 times what was ever seen; ours
_FEWEST, _MOST = 0.01, 1e6  # failures and passes with which single precision will do; ours
_LOWEST_RATE, _HIGHEST_RATE = 1e-30, 0.9  # the same; a rate below 1e-38 would become 0 in it; ours
_roughly_above: Callable[[float, float, float], float] = cython_special.betaincc["float"]  # type: ignore[index]  # its stub knows no precisions


def chance_above(alpha: float, beta: float, rate: float) -> float:
    """Return the probability that a rate known as Beta(alpha, beta) is above ``rate``."""
    if rate <= 0:
        return 1.0
    return cython_special.betaincc(alpha, beta, rate) if rate < 1 else 0.0


def reaches(alpha: float, beta: float, rate: float, chance: float) -> bool:
    """Return whether ``chance_above`` is at least ``chance``, without the function if it can.

    Single precision answers first, at a tenth of the price. Rounding its arguments to 24 bits moves a
    chance by some 2^-24 times the root of the trials: about 5e-5 was seen within the bounds that are asked
    for here (alpha 941,994, beta 558,167, rate 0.6279). What is clear by a thousandth needs no more digits.
    """
    if _FEWEST <= alpha <= _MOST and _FEWEST <= beta <= _MOST and _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        distance = _roughly_above(alpha, beta, rate) - chance
        if abs(distance) >= CLEARLY:  # never true of what is no number: that is asked again below
            return distance > 0
    return chance_above(alpha, beta, rate) >= chance


def chance_of_more(shape: float, rate: float, per_day: float) -> float:
    """Return the probability that incidents known as Gamma(shape, rate) exceed ``per_day``."""
    return cython_special.gammaincc(shape, rate * per_day) if per_day > 0 else 1.0


def chance_within(shape: float, rate: float, horizon: float) -> float:
    """Return the expected probability of an incident within ``horizon`` days.

    The mean of 1 - exp(-lambda h) over lambda ~ Gamma(shape, rate) is 1 - (rate/(rate + h))^shape.
    """
    return -expm1(-shape * log1p(horizon / rate))


def within(per_day: float, horizon: float) -> float:
    """Return the probability of an incident within ``horizon`` days at this rate: 1 - exp(-lambda h)."""
    return -expm1(-per_day * horizon)


def per_day_of(probability: float, horizon: float) -> float:
    """Return the rate at which ``within`` gives this probability, below 1."""
    return -log1p(-probability) / horizon


def quantiles(
    alphas: Sequence[float], betas: Sequence[float], probabilities: Sequence[float]
) -> list[list[float]]:
    """Return for every Beta its quantiles, in one call for all of them."""
    columns = [betaincinv(alphas, betas, p) for p in probabilities]
    return [[float(q) for q in row] for row in zip(*columns, strict=True)]


def quantiles_per_day(
    shapes: Sequence[float], rates: Sequence[float], probabilities: Sequence[float]
) -> list[list[float]]:
    """Return for every Gamma its quantiles, in one call for all of them."""
    columns = [gammaincinv(shapes, p) for p in probabilities]
    rows = zip(zip(*columns, strict=True), rates, strict=True)
    return [[float(q) / rate for q in row] for row, rate in rows]


def chances_above(alphas: Sequence[float], betas: Sequence[float], rates: Sequence[float]) -> list[float]:
    """Return for every Beta the probability above its rate, in one call for all of them."""
    inside = [min(max(rate, 0.0), 1.0) for rate in rates]
    return [float(chance) for chance in betaincc(alphas, betas, inside)]
