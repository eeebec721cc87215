"""Units as laboratories write them, and conversions that lose nothing."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sealwatch.measure.units import UnknownUnit, conversion, is_known, unit_of

SAME_KIND = [
    ["mg/kg", "ug/kg", "g/t", "%", "‰", "ppm", "ppb", "g/100g", "1"],
    ["mm", "µm", "cm", "in", "nm", "km"],
    ["°C", "degF", "K", "℃"],
    ["N/15mm", "N/m", "kN/m", "N/25 mm"],
    ["g/m2", "g/m²", "mg/cm^2", "kg/m2"],
    ["h", "min", "d", "s"],
    ["mPa·s", "Pa.s", "mPa*s"],
]
UNITS = [(unit, other) for kind in SAME_KIND for unit in kind for other in kind]
EXACT = [
    ("mg/kg", "%", Fraction(1), Fraction(1, 10_000)),
    ("%", "mg/kg", Fraction(1, 100), Fraction(100)),
    ("µm", "mm", Fraction(1), Fraction(1, 1000)),
    ("in", "mm", Fraction(1), Fraction(254, 10)),
    ("N/15mm", "N/m", Fraction(3), Fraction(200)),
    ("N/(15 mm)", "N/m", Fraction(3), Fraction(200)),
    ("15 mm^-1", "1/m", Fraction(1), Fraction(15_000)),
    ("g/100 mL", "g/L", Fraction(1), Fraction(10)),
    ("kJ/(kg.K)", "J/g/K", Fraction(1), Fraction(1)),
    ("°C", "°F", Fraction(100), Fraction(212)),
    ("degC", "K", Fraction(0), Fraction(27315, 100)),
    ("mL/L", "%", Fraction(1), Fraction(1, 10)),
    ("dB", "dB", Fraction(3), Fraction(3)),
    ("{copies}", "{copies}", Fraction(3), Fraction(3)),
]


@pytest.mark.parametrize(("given_unit", "wanted", "value", "expected"), EXACT)
def test_a_value_moves_to_another_unit_exactly(given_unit, wanted, value, expected):
    convert = conversion(given_unit, wanted)

    assert convert is not None
    assert convert(value) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mg", "µm"),
        ("mg/L", "mg/kg"),
        ("mL/L", "mg/kg"),
        ("deg", "%"),
        ("CFU/g", "1/g"),
        ("pH", "H"),
        ("GU", "%"),
        ("{copies}", "1"),
        ("dB", "%"),
        ("°C", "m"),
    ],
)
def test_different_things_do_not_compare(one, other):
    assert conversion(one, other) is None
    assert conversion(other, one) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "5",
        "10*3",
        "2**99999",
        "m**99999999",
        "m^10",
        "m^0.5",
        "1/0",
        "-m",
        "m//s",
        "/s",
        "m/(s",
        "(m)",
        "g/m2 d",
        "J/degC",
        "ppt",
        "nan",
        "inf",
        "blorps",
        "__import__('os')",
        "a" * 65,
        "1e400 m",
        "{",
        "{a b}",
        "mg\nkg",
        "statC",
    ],
)
def test_what_names_no_unit_is_refused(text):
    assert not is_known(text)
    with pytest.raises(UnknownUnit):
        conversion(text, "m")


@pytest.mark.parametrize(
    "text", ["CFU/g", "NTU", "pH", "ΔE", "dpi", "IU/mL", "HV", "lx", "cd/m²", "Bq/kg", "mmol/L", "kΩ", "Å"]
)
def test_what_laboratories_report_is_known(text):
    assert is_known(text)


def test_two_spellings_of_one_letter_are_one_unit():
    assert unit_of("\N{MICRO SIGN}m") == unit_of("\N{GREEK SMALL LETTER MU}m")
    assert unit_of("\N{OHM SIGN}") == unit_of("\N{GREEK CAPITAL LETTER OMEGA}")


@given(some.sampled_from(UNITS), some.fractions())
def test_there_and_back_is_where_it_began(units, value):
    one, other = units
    there, back = conversion(one, other), conversion(other, one)

    assert back(there(value)) == value


@given(some.sampled_from(SAME_KIND).flatmap(lambda kind: some.tuples(*[some.sampled_from(kind)] * 3)))
def test_a_detour_through_a_third_unit_changes_nothing(units):
    one, other, third = units
    value = Fraction(7, 3)

    assert conversion(other, third)(conversion(one, other)(value)) == conversion(one, third)(value)


@given(some.text(max_size=70))
def test_any_text_is_a_unit_or_is_refused(text):
    assert is_known(text) in (True, False)


@given(some.text(alphabet="mgkLs%/·*.()^-²{} 0123456789µ°C", max_size=20))
def test_any_text_that_looks_like_a_unit_is_one_or_is_refused(text):
    assert is_known(text) in (True, False)
