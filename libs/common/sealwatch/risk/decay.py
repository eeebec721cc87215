"""Forward decay in whole numbers: the same bits in any order, on any platform.

An event at ``t`` is multiplied by G(t) = floor(2^(64 + r/H)) 2^q with (q, r) = divmod(t - L, H),
and a sum is read at ``T`` by dividing by G(T), so the landmark cancels. G is the only rounding.
Whoever calls must have refused events far ahead first: G grows by a bit in every half-life.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from math import isqrt

LANDMARK = 946_684_800  # 2000-01-01T00:00:00Z, for ever
SHORTEST_HALF_LIFE = 86_400  # a half-life of a second would make numbers of 100 MB
LONGEST_DAYS = (
    36_525  # of any time a policy names: a century forgets nothing, and calendars reach further; ours
)
LONGEST_HALF_LIFE = LONGEST_DAYS * 86_400  # tables grow with the root of a half-life
MILLION = 10**6

_BITS = 64  # fraction bits of a factor
_TABLE_BITS = 89  # fraction bits of a table entry: 90 bits are three digits of CPython's integers
_CUT = 2 * _TABLE_BITS - _BITS
_MASK = (1 << _CUT) - 1
_EDGE = (1 << _CUT) - (1 << (_TABLE_BITS + 2))  # above it, what the tables cut off could carry
_RUNNING_BITS = 256  # precision while a table is multiplied up
_FIRST_TRY = 192


@dataclass(frozen=True, slots=True)
class _Tables:
    """2^(r/H) in two levels: coarse[r >> split] times fine[r & low]."""

    split: int
    low: int
    coarse: tuple[int, ...]
    fine: tuple[int, ...]


def factor_at(t: int, half_life: int) -> int:
    """Return G(t), the whole number that an amount seen at ``t`` is multiplied by."""
    doublings, rest = divmod(t - LANDMARK, half_life)
    tables = _tables(half_life)
    product = tables.coarse[rest >> tables.split] * tables.fine[rest & tables.low]
    if product & _MASK >= _EDGE and rest:
        return slow(rest, half_life) << doublings
    return product >> _CUT << doublings


@lru_cache(maxsize=4096)
def divisor_at(at: int, half_life: int) -> int:
    """Return 10^6 G(at), by which a sum of millionths is read; many sums share an instant."""
    return MILLION * factor_at(at, half_life)


def value_at(total: int, at: int, half_life: int) -> float:
    """Return what a sum weighs at an instant: one division, rounded once, correctly."""
    return total / divisor_at(at, half_life)


def slow(rest: int, half_life: int) -> int:
    """Return floor(2^(64 + rest/half_life)) with as much precision as it takes to be sure."""
    bits = _FIRST_TRY
    while True:
        low = _exp2(rest, half_life, bits)
        cut = bits - _BITS
        if low >> cut == (low + 8 * bits) >> cut:
            return low >> cut
        bits *= 2


@lru_cache(maxsize=256)
def _tables(half_life: int) -> _Tables:
    if half_life < SHORTEST_HALF_LIFE:
        raise ValueError(f"a half-life is at least {SHORTEST_HALF_LIFE} s, not {half_life}")
    if half_life > LONGEST_HALF_LIFE:
        raise ValueError(f"a half-life is at most {LONGEST_HALF_LIFE} s, not {half_life}")
    split = (half_life.bit_length() + 1) // 2
    coarse = _powers(_exp2(1 << split, half_life, _RUNNING_BITS), ((half_life - 1) >> split) + 1)
    fine = _powers(_exp2(1, half_life, _RUNNING_BITS), 1 << split)
    return _Tables(split, (1 << split) - 1, coarse, fine)


def _powers(root: int, count: int) -> tuple[int, ...]:
    power, powers = 1 << _RUNNING_BITS, []
    for _ in range(count):
        powers.append(power >> (_RUNNING_BITS - _TABLE_BITS))
        power = power * root >> _RUNNING_BITS
    return tuple(powers)


def _exp2(numerator: int, denominator: int, bits: int) -> int:
    """Return 2^(numerator/denominator) of a fraction, short by less than 8 ``bits`` units."""
    exponent = (numerator << bits) // denominator
    power = 1 << bits
    for place, root in enumerate(_roots(bits), start=1):
        if exponent >> (bits - place) & 1:
            power = power * root >> bits
    return power


@cache
def _roots(bits: int) -> tuple[int, ...]:
    """Return 2^(1/2), 2^(1/4), 2^(1/8), ... with so many bits, from exact integer roots."""
    roots = [2 << bits]
    for _ in range(bits):
        roots.append(isqrt(roots[-1] << bits))
    return tuple(roots[1:])
