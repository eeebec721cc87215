"""Who asked to know."""

import pytest

from sealwatch.routing.audience import Subscription, subscribers_of
from sealwatch.routing.scope import Scope, covers
from tests.factories import level_change


def asked(minimum_level=1, **filters) -> Subscription:
    sets = {name: frozenset(values) for name, values in filters.items()}
    return Subscription(
        subscription_id=b"s" * 16,
        organisation_id="centre",
        office="D",
        minimum_level=minimum_level,
        scope=Scope(**sets),
    )


@pytest.mark.parametrize(
    "subscription",
    [
        asked(),
        asked(minimum_level=3),
        asked(categories=["labels", "inks"]),
        asked(regions=["110000"]),
        asked(enterprises=["E1"]),
        asked(categories=["labels"], regions=["11"], enterprises=["E1"]),
    ],
)
def test_whoever_asked_for_it_hears_of_it(subscription):
    assert subscribers_of(level_change(), [subscription]) == [subscription]


@pytest.mark.parametrize(
    "subscription",
    [
        asked(minimum_level=4),
        asked(categories=["inks"]),
        asked(regions=["310000"]),
        asked(enterprises=["E2"]),
        asked(categories=["labels"], regions=["310000"]),
    ],
)
def test_one_filter_that_does_not_match_is_enough(subscription):
    assert subscribers_of(level_change(), [subscription]) == []


def test_whoever_was_told_of_the_rise_hears_of_the_fall():
    grave = asked(minimum_level=4)

    assert subscribers_of(level_change(before="serious", after="low"), [grave]) == [grave]


def test_a_product_of_unknown_place_matches_no_region():
    assert subscribers_of(level_change(region=None), [asked(regions=["11"])]) == []


@pytest.mark.parametrize(
    ("area", "region", "within"),
    [
        ("110000", "110105", True),
        ("110100", "110105", True),
        ("110105", "110105", True),
        ("110105", "110000", False),
        ("110100", "110205", False),
        ("11", "110105", True),
        ("CN", "CN-11", True),
        ("CN-11", "CN", False),
        ("000000", "110105", False),
        ("11", None, False),
    ],
)
def test_codes_of_regions_nest(area, region, within):
    assert covers(area, region) is within
