"""How sure we are of a failure rate: the one module that touches the numeric library."""

from collections.abc import Sequence
from math import expm1, lgamma, log, log1p

from scipy.special import betaincc, betaincinv, cython_special, gammaincinv

EVEN = 0.5
CLEARLY = 1 + 1e-9  # a bound must be missed by more than rounding; ours
_LOG_MARGIN = 1e-6  # the same for logarithms, which lose nine digits of many trials to cancellation; ours
_MOST_TRIALS = 1e7  # up to which they lose no more than that


def chance_above(alpha: float, beta: float, rate: float) -> float:
    """Return the probability that a rate known as Beta(alpha, beta) is above ``rate``."""
    if rate <= 0:
        return 1.0
    return cython_special.betaincc(alpha, beta, rate) if rate < 1 else 0.0


def reaches(alpha: float, beta: float, rate: float, chance: float) -> bool:
    """Return whether ``chance_above`` is at least ``chance``, without the function if it can.

    A rate t from the mean has at most var / (var + t^2) of the chance beyond it (Cantelli's
    inequality); that settles most questions and costs a tenth of the function. For
    1 < alpha < beta the median lies between mode and mean (Payton, Young, Young: "Bounds for
    the difference between median and mean of beta and negative binomial distributions",
    Metrika 36, 1989), so a rate outside them settles what is asked about one half.
    """
    total = alpha + beta
    above = rate * total - alpha  # of the mean, as all here, times alpha + beta
    square, variance = above * above * (total + 1), alpha * beta * CLEARLY
    if above > 0 and variance * (1 - chance) < chance * square:
        return False
    if above < 0 and square * (1 - chance) > chance * variance:
        return True
    if 1 < alpha < beta:
        if chance >= EVEN and above >= 0:
            return False
        if chance <= EVEN and rate * (total - 2) <= alpha - 1:
            return True
    if alpha <= 1 <= beta and above > 0 and _is_less(alpha, beta, rate, chance):
        return False
    return chance_above(alpha, beta, rate) >= chance


def _is_less(alpha: float, beta: float, rate: float, chance: float) -> bool:
    """Return whether a simple bound keeps the chance above ``rate`` under ``chance``, for alpha <= 1.

    Above r the density x^(alpha-1) (1-x)^(beta-1) / B is at most r^(alpha-1) (1-x)^(beta-1) / B, as
    x^(alpha-1) falls, so that what lies there is at most r^(alpha-1) (1-r)^beta / (beta B).
    """
    if not 0 < rate < 1 or beta > _MOST_TRIALS:
        return False
    most = (alpha - 1) * log(rate) + beta * log1p(-rate) - log(beta)
    most += lgamma(alpha + beta) - lgamma(alpha) - lgamma(beta)
    return most < log(chance) - _LOG_MARGIN


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
