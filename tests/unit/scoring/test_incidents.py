"""Incidents over days enter the model as counts, not as trials."""

import pytest

from sealwatch.risk.beliefs import Incidence, beliefs
from sealwatch.risk.facts import unknown
from sealwatch.risk.state import EMPTY, fold_all, retract
from sealwatch.risk.yardstick import yardstick
from sealwatch.scoring.evidence import evidence_of
from sealwatch.shell.policies import load_policy
from tests.unit.scorer.lots import AT, counted, item, lot

POLICY = load_policy()
SECOND = int(AT.timestamp())
ONE = 1_000_000


def test_incidents_are_counted_over_the_days_that_were_watched_and_dated_at_their_end():
    [piece] = evidence_of(counted(2, 60.5), POLICY)

    assert (piece.factor, piece.source_class, piece.counted) == ("INTG", "enforcement", True)
    assert (piece.failures_millionths, piece.trials_millionths) == (2 * ONE, round(60.5 * ONE))
    assert (piece.at, piece.half_life) == (SECOND, POLICY.half_lives["INTG"])


def test_the_quality_of_the_method_is_in_both_amounts():
    [piece] = evidence_of(counted(2, 60, accredited=False), POLICY)

    assert (piece.failures_millionths, piece.trials_millionths) == (ONE, 30 * ONE)


@pytest.mark.parametrize("unheard", [counted(factor="ZZZZ"), counted(source_class="no such class")])
def test_a_word_that_the_policy_does_not_know_is_no_evidence(unheard):
    assert evidence_of(unheard, POLICY) == ()


def test_the_rate_is_that_of_the_gamma_prior_with_the_incidents_and_their_days():
    state = fold_all(EMPTY, evidence_of(counted(2, 60), POLICY))
    stick = yardstick(POLICY, unknown(POLICY))

    [belief] = beliefs(state, stick, SECOND)

    tempo = belief.measure.tempo
    assert isinstance(belief, Incidence)
    assert (belief.alpha, belief.beta) == pytest.approx((tempo.shape + 2, tempo.days + 60), rel=1e-12)


def test_a_retraction_takes_them_away_to_the_bit():
    before = fold_all(EMPTY, evidence_of(lot(item("fail")), POLICY))
    [piece] = evidence_of(counted(), POLICY)

    assert retract(fold_all(before, [piece]), piece) == before
