"""What is remembered between polls: the newest as objects, older ones packed, the oldest not at all."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sealwatch.contracts.log import DescribedFacts
from sealwatch.risk.floors import Check
from sealwatch.risk.levels import Standing
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY
from sealwatch.scoring.product import Override, Product
from sealwatch_scorer.memory import Memory, packed, unpacked
from sealwatch_scorer.rollups import Group, Held
from tests.unit.risk.given import NOON, counted, seen, state_of

LEVELS = st.sampled_from(Level)
DAYS = st.none() | st.dates(min_value=date(2000, 1, 1))
STATES = st.lists(
    st.builds(seen, st.integers(0, 3), st.integers(3, 20), of=st.sampled_from(["COPY", "QUAL"]))
    | st.builds(counted, st.integers(0, 3), st.integers(1, 90))
    | st.builds(Check, st.sampled_from(["GB 1", "GB 2"]), st.just("peel"), st.just(NOON), st.booleans()),
    max_size=5,
).map(lambda pieces: state_of(*pieces))
PRODUCTS = st.builds(
    Product,
    product_id=st.text(min_size=1, max_size=9),
    partition=st.integers(0, 23),
    described=st.none()
    | st.builds(DescribedFacts, st.text(max_size=9), st.integers(1, 4), st.none() | st.text(max_size=9)),
    facts_revision=st.integers(0, 9),
    state=STATES,
    standing=st.builds(Standing, LEVELS, DAYS, st.none() | LEVELS),
    changes=st.integers(0, 9),
    revision=st.integers(0, 2**40),
    events=st.integers(0, 2**40),
    newest_at=st.none() | st.integers(0, 2**40),
    stale=st.booleans(),
    told_index=st.none() | st.floats(0, 100),
    told_on=DAYS,
    override=st.none() | st.builds(Override, LEVELS, st.integers(0, 2**40)),
    override_revision=st.integers(0, 9),
)


def named(*ids):
    """Return a product of each name that holds something."""
    return {id_: Product(id_, 0, state=state_of(seen(1, 9)), events=1) for id_ in ids}


@given(PRODUCTS)
def test_a_product_is_unpacked_as_it_was_packed(product):
    assert unpacked(packed(product)) == product


def test_old_products_come_back_as_they_were_and_the_oldest_do_not():
    memory = Memory(limit=4, loose=2)
    memory.remember(named("A", "B", "C"))
    memory.remember(named("D", "E"))

    found = memory.get(["A", "B", "C", "D", "E"])

    assert found == named("B", "C", "D", "E")


def test_a_product_that_was_packed_and_changed_comes_back_changed():
    memory = Memory(limit=9, loose=1)
    memory.remember(named("A", "B"))
    memory.remember({"A": Product("A", 0, state=EMPTY, events=7)})
    memory.remember(named("C"))

    assert memory.get(["A"])["A"].events == 7


def test_what_is_touched_again_is_the_newest():
    memory = Memory(limit=2, loose=1)
    memory.remember(named("A", "B"))
    memory.remember(named("A"))
    memory.remember(named("C"))

    assert set(memory.get(["A", "B", "C"])) == {"A", "C"}


def test_everything_is_forgotten_at_once():
    memory = Memory(limit=2, loose=1)
    memory.remember(named("A", "B"))
    memory.groups[Group("region", "110000", 2, 0)] = Held()

    memory.forget()

    assert (memory.get(["A", "B"]), memory.groups) == ({}, {})
