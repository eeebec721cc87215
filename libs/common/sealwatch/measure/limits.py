"""A result against its limits: pass, fail, or cannot be told, with the reason. Pure and exact.

What is known of a value is an interval: the value itself, or, where the method could not see it,
everything below or above what the method can see. Inside the allowed interval passes, outside fails,
and across its border cannot be told.
"""

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from sealwatch.measure.units import UnknownUnit, conversion, unit_of

_Number = Decimal | Fraction
_KEPT = 4096  # limits remembered, each in the unit of the values that met it; ours
_EXACT = Context(prec=100, traps=[Inexact])
_REACH = 400  # powers of ten that a double covers, with room; a longer number is nobody's measurement; ours


class Verdict(StrEnum):
    """What a result says against its limits."""

    PASS = "pass"  # noqa: S105  # not a password
    FAIL = "fail"
    NOT_JUDGED = "not_judged"


class Reason(StrEnum):
    """Why a result could not be judged, or what is odd about it; published words."""

    UNITS_INCOMPATIBLE = "units_incompatible"
    UNKNOWN_UNIT = "unknown_unit"
    CENSORED = "censored_across_limit"
    UNKNOWN_CENSORING = "unknown_censoring"
    OUT_OF_REACH = "number_out_of_reach"
    DISAGREES = "verdict_disagrees"
    UNKNOWN_GRADE = "unknown_grade"


@dataclass(frozen=True, slots=True)
class Limit:
    """What is allowed: at most, at least, between, or exactly (both sides equal).

    A side belongs to what is allowed unless it says otherwise; without a unit it is the value's own.
    """

    lower: Decimal | None = None
    upper: Decimal | None = None
    unit: str | None = None
    lower_inclusive: bool = True
    upper_inclusive: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with its unit; a censored one ("<LOD") is a bound of the value and not the value."""

    value: Decimal
    unit: str
    censoring: str | None = None


class Judgement(NamedTuple):
    """A verdict, and the reason where there is none."""

    verdict: Verdict
    reason: Reason | None = None


_PASSED, _FAILED = Judgement(Verdict.PASS), Judgement(Verdict.FAIL)
_BELOW = frozenset({"below_lod", "below_loq"})
_ABOVE = "above_range"


class _Span(NamedTuple):
    """An interval; None has no end, an open end does not belong to it."""

    low: _Number | None
    high: _Number | None
    low_open: bool
    high_open: bool


def judge(measured: Measured, limit: Limit) -> Judgement:
    """Return what a value says against a limit, compared as exact numbers in the value's unit."""
    allowed = _allowed(measured.unit, limit)
    if isinstance(allowed, Reason):
        return Judgement(Verdict.NOT_JUDGED, allowed)
    if measured.censoring is None:
        return _PASSED if _holds(allowed, measured.value) else _FAILED
    known = _known(measured, measured.censoring)
    if known is None:
        return Judgement(Verdict.NOT_JUDGED, Reason.UNKNOWN_CENSORING)
    if _is_apart(known, allowed):
        return _FAILED
    return _PASSED if _is_inside(known, allowed) else Judgement(Verdict.NOT_JUDGED, Reason.CENSORED)


def exact(number: float) -> Decimal:
    """Return the decimal that a double was written as: its shortest spelling, exact up to 15 digits."""
    return Decimal(repr(number))


def limit_of(
    sides: tuple[float | None, float | None], unit: str | None, inclusive: tuple[bool, bool]
) -> Limit:
    """Return the limit whose lower and upper side were read as doubles."""
    lower, upper = (None if side is None else exact(side) for side in sides)
    return Limit(lower, upper, unit, *inclusive)


@lru_cache(_KEPT)
def _allowed(unit: str, limit: Limit) -> _Span | Reason:
    """Return what is allowed in the unit of a value, or why that cannot be said."""
    lower: _Number | None = limit.lower
    upper: _Number | None = limit.upper
    if limit.unit is not None and limit.unit != unit:
        if not all(map(_is_in_reach, (limit.lower, limit.upper))):
            return Reason.OUT_OF_REACH
        try:
            convert = conversion(limit.unit, unit)
        except UnknownUnit:
            return Reason.UNKNOWN_UNIT
        if convert is None:
            return Reason.UNITS_INCOMPATIBLE
        lower, upper = (None if side is None else _plain(convert(Fraction(side))) for side in (lower, upper))
    return _Span(lower, upper, not limit.lower_inclusive, not limit.upper_inclusive)


def _plain(number: Fraction) -> _Number:
    """Return a number as a decimal where it is one: comparing those costs a twentieth."""
    try:
        return _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
    except Inexact:
        return number


def _holds(span: _Span, value: Decimal) -> bool:
    if span.low is not None and (value < span.low or (span.low_open and value == span.low)):
        return False
    return span.high is None or value < span.high or (not span.high_open and value == span.high)


def _known(measured: Measured, censoring: str) -> _Span | None:
    """Return where the value lies; what is below a detection limit is an amount, so not below zero."""
    if censoring == _ABOVE:
        return _Span(measured.value, None, low_open=True, high_open=False)
    if censoring not in _BELOW:
        return None
    is_amount = measured.value > 0 and not _has_own_zero(measured.unit)
    return _Span(Decimal() if is_amount else None, measured.value, low_open=False, high_open=True)


def _has_own_zero(unit: str) -> bool:
    try:
        return bool(unit_of(unit).offset)
    except UnknownUnit:
        return True


def _is_apart(one: _Span, other: _Span) -> bool:
    """Tell whether two intervals share no point."""
    return _ends_before(one, other) or _ends_before(other, one)


def _ends_before(one: _Span, other: _Span) -> bool:
    if one.high is None or other.low is None:
        return False
    return one.high < other.low or (one.high == other.low and (one.high_open or other.low_open))


def _is_inside(one: _Span, other: _Span) -> bool:
    """Tell whether the second interval holds all of the first."""
    return _starts_within(one, other) and _stops_within(one, other)


def _starts_within(one: _Span, other: _Span) -> bool:
    if other.low is None:
        return True
    if one.low is None:
        return False
    return one.low > other.low or (one.low == other.low and (one.low_open or not other.low_open))


def _stops_within(one: _Span, other: _Span) -> bool:
    if other.high is None:
        return True
    if one.high is None:
        return False
    return one.high < other.high or (one.high == other.high and (one.high_open or not other.high_open))


def _is_in_reach(number: Decimal | None) -> bool:
    """Tell whether a number may be made a fraction; 1e-99999999 would fill the memory."""
    if number is None or not number:
        return True
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_REACH and number.adjusted() <= _REACH
