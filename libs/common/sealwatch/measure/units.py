"""Units of measurement as laboratories write them, and their exact conversion.

A unit is a product of symbols with whole exponents and divisors: ``mg/kg``, ``N/15mm``, ``g/m2``,
``kJ/(kg.K)``, ``CFU/mL``, ``1``, ``%``; a name in braces (``{copies}``) is a unit of its own, as in UCUM.
Pint knows the symbols; it never sees an expression, because its parser also does arithmetic.
All factors are fractions, so that a value on a limit is on it in every unit.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pint import UnitRegistry

LONGEST = 64  # characters, as at the door
_KEPT = 4096  # units and pairs of units remembered; a sender's own nonsense cannot fill the memory; ours

_LETTER = r"[A-Za-zµÅ\u0370-\u03ff]"
_SYMBOL = rf"{_LETTER}+(?:_{_LETTER}+)*|°[CF]?|[%‰℃℉]|\{{[^\W_][\w-]*\}}"
_TERM = re.compile(rf"([1-9][0-9]{{0,5}})?({_SYMBOL})(?:\^?(-?[1-9])|([²³]))?")
_UNIT = re.compile(r"(?P<over>[^/()]+)(?P<under>(?:/(?:[^/()]+|\([^/()]+\)))*)")
_DIVISOR = re.compile(r"/\(?([^/()]+)\)?")
_TIMES = re.compile(r"[·⋅*. ]")
_APART = re.compile(r"(?<![^ /(·⋅*.])([0-9]+) +")  # a number apart from its symbol, as in 100 mL

_SPELLED = {
    "%": "percent",
    "‰": "permille",
    "°C": "degree_Celsius",
    "℃": "degree_Celsius",
    "°F": "degree_Fahrenheit",
    "℉": "degree_Fahrenheit",
    "°": "degree",
}
_SUPERSCRIPT = {"²": 2, "³": 3}
_REFUSED = frozenset({"ppt", "nan", "inf"})  # ppt: a trillionth, a thousandth, or a part of a pint
_OWN = (  # what laboratories report and Pint lacks, or takes for something else
    "ppb = 1e-9",
    "colony_forming_unit = [colonies] = CFU = cfu",
    "turbidity_unit = [turbidity] = NTU = FNU",
    "gloss_unit = [gloss] = GU",
    "acidity = [acidity] = pH",
    "colour_difference = [colour_difference] = ΔE = delta_E",
    "biological_unit = [biological_activity] = IU",
    "vickers_hardness = [vickers_hardness] = HV",
    "print_resolution = dot / inch = dpi",
    "shore_hardness = [shore_hardness] = HA = Shore_A",
)


class UnknownUnit(ValueError):  # noqa: N818  # says what it is
    """Text that names no unit that we know."""


class Conversion(NamedTuple):
    """How a value moves from one unit to another: value x scale + offset, exactly."""

    scale: Fraction
    offset: Fraction

    def __call__(self, value: Fraction) -> Fraction:
        """Return the value in the other unit."""
        return value * self.scale + self.offset


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a factor over root units; ``ratio_of`` says what cancelled out, as mass in mg/kg.

    ``offset`` is where its zero lies in the root unit: 273.15 K for °C.
    """

    factor: Fraction
    roots: frozenset[tuple[str, int]]
    ratio_of: frozenset[tuple[str, int]] = frozenset()
    offset: Fraction = Fraction()


class _Term(NamedTuple):
    number: Fraction
    symbol: str
    power: int


@lru_cache(_KEPT)
def unit_of(text: str) -> Unit:
    """Return what the text names, or raise UnknownUnit."""
    terms = tuple(_terms(unicodedata.normalize("NFC", text).strip(" ")))
    if len(terms) == 1 and terms[0].number == terms[0].power == 1:
        return _root(terms[0].symbol)
    factor, roots, over = Fraction(1), Counter[str](), Counter[str]()
    for number, symbol, power in terms:
        part = _root(symbol)
        if part.offset:
            raise UnknownUnit("a temperature with its own zero cannot be part of another unit")
        factor *= number * part.factor**power
        for root, exponent in part.roots:
            roots[root] += exponent * power
            over[root] += max(exponent * power, 0)
    left = _powers(roots)
    return Unit(factor, left, frozenset() if left else _powers(over))


def is_known(text: str) -> bool:
    """Tell whether the text names a unit."""
    try:
        unit_of(text)
    except UnknownUnit:
        return False
    return True


def prepare() -> None:
    """Read the definitions of all units now, so that no request waits for it."""
    unit_of("mg/kg")


@lru_cache(_KEPT)
def conversion(given: str, wanted: str) -> Conversion | None:
    """Return how a value moves from one unit to another, None where they measure different things.

    A share of mass and a share of volume are different things; ``%``, ``ppm`` and ``1`` go with both.
    Raise UnknownUnit where one of them is unknown.
    """
    one, other = unit_of(given), unit_of(wanted)
    if one.roots != other.roots:
        return None
    if one.ratio_of and other.ratio_of and one.ratio_of != other.ratio_of:
        return None
    return Conversion(one.factor / other.factor, (one.offset - other.offset) / other.factor)


def _terms(text: str) -> Iterator[_Term]:
    if text == "1":
        return
    form = _UNIT.fullmatch(_APART.sub(r"\1", text)) if len(text) <= LONGEST else None
    if form is None:
        raise UnknownUnit("is not written as a unit")
    if form["over"].strip() != "1":
        yield from _product(form["over"], 1)
    for divisor in _DIVISOR.findall(form["under"]):
        yield from _product(divisor, -1)
    if form["under"].count("/") == 1 and "(" not in form["under"] and _TIMES.search(form["under"].strip(" ")):
        raise UnknownUnit("a product under a stroke needs brackets")


def _product(text: str, sign: int) -> Iterator[_Term]:
    for piece in _TIMES.split(text.strip(" ")):
        form = _TERM.fullmatch(piece.strip(" "))
        if form is None:
            raise UnknownUnit("is not written as a unit")
        number, symbol, digits, superscript = form.groups()
        power = _SUPERSCRIPT[superscript] if superscript else int(digits or 1)
        yield _Term(Fraction(int(number or 1)) ** sign, symbol, power * sign)


def _powers(roots: Counter[str]) -> frozenset[tuple[str, int]]:
    return frozenset((root, power) for root, power in roots.items() if power)


@lru_cache(_KEPT)
def _root(symbol: str) -> Unit:
    """Return one symbol as a multiple of root units."""
    if symbol.startswith("{"):
        return Unit(Fraction(1), frozenset({(symbol, 1)}))
    name = _SPELLED.get(symbol, symbol)
    registry = _registry()
    if symbol in _REFUSED or not registry.parse_unit_name(name):
        raise UnknownUnit("names no unit")
    try:
        zero, one, two = (registry.Quantity(Fraction(n), name).to_root_units() for n in range(3))
    except TypeError:  # a logarithm of a fraction: decibel and its kin go with themselves only
        return Unit(Fraction(1), frozenset({(symbol, 1)}))
    scale = one.magnitude - zero.magnitude
    powers = {str(root): str(power) for root, power in one.unit_items()}
    is_whole = all(power.lstrip("-").isdigit() for power in powers.values())
    if two.magnitude - one.magnitude != scale or not is_whole:
        raise UnknownUnit("has no conversion by a factor, or a root of a root unit")
    roots = frozenset((root, int(power)) for root, power in powers.items())
    return Unit(scale, roots, offset=zero.magnitude)


@cache
def _registry() -> "UnitRegistry[Any]":
    """Return Pint's definitions with ours; it takes a third of a second, so only when first asked."""
    from pint import UnitRegistry  # noqa: PLC0415  # most processes never meet a unit

    registry: UnitRegistry[Any] = UnitRegistry(
        non_int_type=Fraction, cache_folder=None, on_redefinition="ignore"
    )
    for definition in _OWN:
        registry.define(definition)
    return registry
