from sealwatch.contracts.log import DescribedFacts
from sealwatch.risk.state import EMPTY, encode
from sealwatch.scoring.product import Product
from sealwatch_scorer.rollups import Group, Held, gains, rolled_up
from tests.unit.risk.given import POLICY, seen, state_of

LABELS = DescribedFacts("labels", 2, region="110000", technology="hologram")
INKS = DescribedFacts("inks", 2, region="110000", technology="hologram")
FAILED = state_of(seen(1, 1))
TWICE = state_of(seen(1, 1), seen(0, 1))


def product(state=EMPTY, described=LABELS):
    return Product("P1", 4, described=described, facts_revision=1, state=state)


def after(*steps):
    """Return the groups after a product went through these states, one poll each."""
    held, before = {}, {}
    for step in steps:
        held |= rolled_up(held, gains(before, {"P1": step}, POLICY))
        before = {"P1": step}
    return held


def test_a_product_counts_in_its_category_region_and_technology():
    held = after(product(FAILED))

    assert held == {
        Group("category", "labels", 2, 4): Held(FAILED, 1),
        Group("region", "110000", 2, 4): Held(FAILED, 1),
        Group("technology", "hologram", 2, 4): Held(FAILED, 1),
    }


def test_further_evidence_is_added_and_the_product_is_not_counted_twice():
    held = after(product(FAILED), product(TWICE))

    assert held[Group("category", "labels", 2, 4)] == Held(TWICE, 1)


def test_a_product_that_is_described_anew_takes_its_sums_along():
    held = after(product(FAILED), product(TWICE, INKS))

    assert held[Group("category", "labels", 2, 4)] == Held(EMPTY, 0)
    assert held[Group("category", "inks", 2, 4)] == Held(TWICE, 1)
    assert held[Group("region", "110000", 2, 4)] == Held(TWICE, 1)


def test_an_undescribed_product_counts_as_unknown_until_it_is_described():
    held = after(product(FAILED, None), product(FAILED))

    assert held[Group("category", "", POLICY.unknown_severity, 4)] == Held(EMPTY, 0)
    assert held[Group("category", "labels", 2, 4)] == Held(FAILED, 1)


def test_a_group_that_gains_nothing_is_not_written():
    same = {"P1": product(FAILED)}

    assert rolled_up({}, gains(same, same, POLICY)) == {}


def test_bytes_of_a_group_do_not_tell_in_which_order_its_products_came():
    one, other = state_of(seen(1, 1)), state_of(seen(0, 3, of="MKT"))
    group = Group("category", "labels", 2, 4)

    ab = rolled_up({}, gains({}, {"P1": product(one), "P2": product(other)}, POLICY))
    ba = rolled_up({}, gains({}, {"P2": product(other), "P1": product(one)}, POLICY))

    assert encode(ab[group].state) == encode(ba[group].state)
