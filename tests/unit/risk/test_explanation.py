from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.case import rank
from sealwatch.risk.explanation import explain, shared_out, thousandths
from sealwatch.risk.facts import Facts, unknown
from sealwatch.risk.flips import Scene
from sealwatch.risk.index import Item, assess
from sealwatch.risk.levels import Standing
from sealwatch.risk.policy import Level
from sealwatch.risk.state import EMPTY
from tests.unit.risk.given import DAY, NOON, POLICY, checked, counted, goods, seen, state_of

MEDIUM = Standing(Level.MEDIUM, None, Level.MEDIUM)
LABORATORY, FIELD = POLICY.scenarios
MILD = replace(
    POLICY,
    scenarios=(
        LABORATORY,
        FIELD,
        replace(LABORATORY, factors=frozenset({"QUAL"}), goods=frozenset({"food"}), severity=2),
    ),
)
PIECES = st.builds(
    seen,
    st.integers(0, 3),
    st.integers(3, 20),
    of=st.sampled_from(["COPY", "QUAL", "MKT"]),
    by=st.sampled_from(["national_spot_check", "commissioned_inspection", "web"]),
    at=st.integers(NOON - 200 * DAY, NOON),
) | st.builds(counted, st.integers(0, 3), st.integers(1, 90))


def told(*said, facts=None, policy=POLICY, standing=MEDIUM):
    return explain(Scene(standing, state_of(*said), facts or goods(3), policy, NOON))


@given(
    index=st.floats(0, 100),
    chances=st.lists(st.floats(0, 1), min_size=1, max_size=15),
)
def test_shares_sum_exactly_to_the_index_and_none_is_negative(index, chances):
    shares = shared_out(index, chances)

    assert sum(shares) == thousandths(index)
    assert min(shares) >= 0


@pytest.mark.parametrize(
    ("index", "chances", "shares"),
    [
        (50.0, [0.5], [50_000]),
        (75.0, [0.1, 0.1], [37_500, 37_500]),
        (0.001, [0.2, 0.2], [1, 0]),
        (100.0, [0.2, 0.2, 0.2], [33_334, 33_333, 33_333]),
        (60.0, [0.19, 0.1], [40_000, 20_000]),  # -log(1 - .19) is twice -log(1 - .1)
        (10.0, [0.0, 0.0], [5_000, 5_000]),
        (100.0, [1.0, 0.5], [97_553, 2_447]),
    ],
)
def test_an_index_is_shared_out_by_what_each_cause_adds(index, chances, shares):
    assert shared_out(index, chances) == shares


def test_an_explanation_names_shares_removals_and_sources():
    said = told(seen(2, 10), seen(1, 10, of="QUAL", by="commissioned_inspection"))

    assert [(share.factor, share.counted) for share in said.shares] == [("COPY", False), ("QUAL", False)]
    assert said.shares[0].thousandths > said.shares[1].thousandths
    assert [removal.factor for removal in said.removals] == ["COPY", "QUAL"]
    assert [(s.source_class, s.failures, s.trials, s.weight) for s in said.sources] == [
        ("national_spot_check", 2.0, 10.0, 1.0),
        ("commissioned_inspection", 1.0, 10.0, 0.5),
    ]


def test_an_explanation_says_what_it_was_made_with():
    said = told(seen(2, 10), facts=Facts("food", 3, revision=7))
    assumed = told(seen(2, 10), facts=unknown(POLICY))

    assert (said.policy_version, said.facts_revision, said.facts_known) == ("2026.2", 7, True)
    assert (said.shipped_steps, assumed.facts_known) == (True, False)


def test_chances_are_those_the_level_was_decided_by():
    """2 of 10 at severity 3: P_Medium 1.0, P_High .83."""
    said = told(seen(2, 10), seen(9, 9, of="OPIN", by="web"), seen(9, 9, of="OPIN", by="web"))

    assert said.chances[Level.MEDIUM] == pytest.approx(1.0, abs=0.005)
    assert said.chances[Level.HIGH] == pytest.approx(0.83, abs=0.005)
    assert said.chances[Level.SERIOUS] < 0.01


def test_the_chance_of_serious_leaves_opinion_out_as_the_level_does():
    heard = [seen(10, 10, of="OPIN", by="web") for _ in range(300)]

    alone = told(*heard, facts=goods(4))
    beside = told(*heard, seen(1, 1), facts=goods(4))

    assert (alone.chances[Level.SERIOUS], beside.chances[Level.SERIOUS]) == (0.0, 1.0)
    assert alone.chances[Level.HIGH] == 1.0


def test_only_the_severity_that_sets_the_index_shares_in_it():
    said = told(seen(9, 10, of="QUAL"), seen(1, 30), facts=Facts("food", 3), policy=MILD)

    assert [share.factor for share in said.shares] == [said.main_factor]


def test_an_open_floor_is_named_and_no_fall_is_offered():
    said = told(seen(0, 9), checked(failed=True), standing=Standing(Level.HIGH))

    assert (said.floors, said.fall) == ((("GB 1", "lead"),), None)


def test_what_is_not_assessed_has_nothing_to_share():
    said = explain(Scene(Standing(), EMPTY, goods(3), POLICY, NOON))

    assert (said.index, said.index_thousandths, said.shares, said.removals) == (None, None, (), ())
    assert said.rise is not None


@given(said=st.lists(PIECES, min_size=1, max_size=6), severity=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_every_figure_of_an_explanation_is_what_scoring_gives(said, severity):
    state, facts = state_of(seen(0, 1), *said), goods(severity)

    made = explain(Scene(MEDIUM, state, facts, POLICY, NOON))

    assert sum(share.thousandths for share in made.shares) == made.index_thousandths
    assert made.index_thousandths == round(made.index * 1000)
    assert made.index == assess(state, facts, POLICY, NOON).index
    for removal in made.removals:
        left = [piece for piece in (seen(0, 1), *said) if piece.factor != removal.factor]
        without = rank(Item(state_of(*left), facts, NOON), POLICY)
        assert removal.indicated is without.indicated
        assert removal.index == pytest.approx(without.index)


@given(said=st.lists(PIECES, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_the_sources_of_a_factor_add_up_to_its_row(said):
    made, state = told(*said), state_of(*said)

    for row in assess(state, goods(3), POLICY, NOON).rows:
        own = [s for s in made.sources if (s.factor, s.counted) == (row.factor, row.counted)]
        assert sum(s.weight * s.failures for s in own) == pytest.approx(row.failures)
        assert sum(s.weight * s.trials for s in own) == pytest.approx(row.trials)
