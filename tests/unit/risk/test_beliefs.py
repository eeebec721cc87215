import pytest

from sealwatch.risk.beliefs import beliefs, corroborating, entering, is_assessable
from sealwatch.risk.evidence import Evidence
from sealwatch.risk.state import EMPTY
from sealwatch.risk.yardstick import yardstick
from tests.unit.risk.given import DAY, NOON, POLICY, goods, seen, state_of

STICK = yardstick(POLICY, goods(3))


def test_the_yardstick_of_the_same_goods_is_worked_out_once():
    assert yardstick(POLICY, goods(3)) is STICK


def test_evidence_fades_by_the_half_life_it_was_folded_with():
    old = Evidence("COPY", "enforcement", 10**6, 10**6, NOON - 30 * DAY, 30 * DAY)
    new = Evidence("COPY", "enforcement", 10**6, 10**6, NOON - 30 * DAY, 60 * DAY)

    (belief,) = beliefs(state_of(old, new), STICK, NOON)

    assert belief.failures == pytest.approx(0.5 + 0.5**0.5)


def test_a_belief_is_the_prior_with_what_was_seen():
    (belief,) = beliefs(state_of(seen(2, 10)), STICK, NOON)

    assert (belief.alpha, belief.beta) == pytest.approx((2.3, 17.7))
    assert belief.harm == pytest.approx(0.002 * 0.115)


@pytest.mark.parametrize(
    ("failed_by", "names"), [("web", ["MKT"]), ("enforcement", ["MKT"]), (None, ["COPY"])]
)
def test_a_tenth_of_a_failure_is_enough_to_enter(failed_by, names):
    pieces = [seen(1, 1, of="MKT", by=by) for by in (failed_by,) if by]
    found = beliefs(state_of(seen(0, 30), seen(0, 1, of="QUAL"), *pieces), STICK, NOON)

    assert [belief.factor for belief in entering(found, STICK)] == names


def test_what_failed_less_than_a_tenth_enters_only_as_the_least_harmful():
    faded = seen(1, 1, of="MKT", by="web", at=NOON - 1)
    found = beliefs(state_of(seen(0, 300), faded), STICK, NOON)

    assert [belief.factor for belief in entering(found, STICK)] == ["COPY"]


def test_source_classes_corroborate_over_all_factors():
    state = state_of(seen(1, 1), seen(2, 2, of="MKT", by="web"), seen(8, 8, of="QUAL", by="web"), seen(0, 9))

    assert corroborating(state, STICK, NOON) == 2
    assert corroborating(state, STICK, NOON + 1) == 0


def test_nothing_folded_is_not_assessable():
    assert not is_assessable(EMPTY, STICK, NOON)
