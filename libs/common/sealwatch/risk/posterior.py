"""How sure we are of a failure rate: the one module that touches the numeric library."""

from collections.abc import Sequence

from scipy.special import betaincc, betaincinv, cython_special

EVEN = 0.5


def chance_above(alpha: float, beta: float, rate: float) -> float:
    """Return the probability that a rate known as Beta(alpha, beta) is above ``rate``."""
    if rate <= 0:
        return 1.0
    return cython_special.betaincc(alpha, beta, rate) if rate < 1 else 0.0


def reaches(alpha: float, beta: float, rate: float, chance: float) -> bool:
    """Return whether ``chance_above`` is at least ``chance``, without the function if it can.

    For 1 < alpha < beta the median lies between mode and mean (Payton, Young, Young: "Bounds for
    the difference between median and mean of beta and negative binomial distributions",
    Metrika 36, 1989), so a rate outside them settles what is asked about one half.
    """
    if 1 < alpha < beta:
        if chance >= EVEN and rate * (alpha + beta) >= alpha:
            return False
        if chance <= EVEN and rate * (alpha + beta - 2) <= alpha - 1:
            return True
    return chance_above(alpha, beta, rate) >= chance


def quantiles(
    alphas: Sequence[float], betas: Sequence[float], probabilities: Sequence[float]
) -> list[list[float]]:
    """Return for every Beta its quantiles, in one call for all of them."""
    columns = [betaincinv(alphas, betas, p) for p in probabilities]
    return [[float(q) for q in row] for row in zip(*columns, strict=True)]


def chances_above(alphas: Sequence[float], betas: Sequence[float], rates: Sequence[float]) -> list[float]:
    """Return for every Beta the probability above its rate, in one call for all of them."""
    inside = [min(max(rate, 0.0), 1.0) for rate in rates]
    return [float(chance) for chance in betaincc(alphas, betas, inside)]
