from contextlib import suppress
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwatch.risk.decay import LANDMARK
from sealwatch.risk.evidence import Evidence, evidence
from sealwatch.risk.floors import Check
from sealwatch.risk.state import EMPTY, decode, digest, encode, fold, retract
from tests.unit.risk.given import DAY, NOON, checked, counted, second, seen, state_of

KEY = ("COPY", "national_spot_check", 180 * DAY)

PIECES = st.builds(
    Evidence,
    factor=st.sampled_from(["COPY", "OPIN", "MKT"]),
    source_class=st.sampled_from(["web", "enforcement", "code_scan"]),
    failures_millionths=st.integers(0, 10**7),
    trials_millionths=st.integers(0, 10**8),
    at=st.integers(LANDMARK, NOON),
    half_life=st.sampled_from([7 * DAY, 30 * DAY, 365 * DAY]),
    counted=st.booleans(),
)
CHECKS = st.builds(
    Check,
    st.sampled_from(["GB 1", "GB 2"]),
    st.sampled_from(["lead", "tin"]),
    st.integers(1, NOON),
    st.booleans(),
)


def test_a_piece_of_evidence_is_added_to_its_factor_and_source_class():
    state = fold(EMPTY, seen(2, 30))

    assert list(state.sums) == [KEY]
    assert state.pieces == 1


def test_a_fold_leaves_the_state_before_it_as_it_was():
    before = state_of(seen(1, 1))

    fold(before, seen(0, 5))

    assert before == state_of(seen(1, 1))


def test_what_was_tried_and_what_was_counted_are_never_added_together():
    state = fold(state_of(seen(1, 2, of="INTG")), counted(1, 2))

    assert state.sums == state_of(seen(1, 2, of="INTG")).sums
    assert state.counts == state_of(counted(1, 2)).counts


def test_a_check_is_no_piece_of_evidence():
    assert state_of(checked(failed=True)).pieces == 0


def test_an_entry_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind"):
        decode(encode(state_of(seen(1, 1))).replace(b"tCOPY", b"xCOPY"))


def test_evidence_of_no_quality_is_counted_and_adds_nothing():
    worthless = evidence("COPY", "web", 1, 1, quality=0, at=NOON, half_life=DAY)

    state = fold(EMPTY, worthless)

    assert (state.sums, state.pieces) == ({}, 1)


def test_an_entry_that_was_emptied_vanishes():
    state = retract(state_of(seen(1, 2), seen(1, 2, of="QUAL")), seen(1, 2, of="QUAL"))

    assert state == state_of(seen(1, 2))


def test_vector_v3_retracts_to_the_same_bits_in_every_order():
    long = 365 * DAY
    kept = (
        Evidence("INTG", "web", 3_000_000, 40_000_000, second("2026-01-05T08:00:00"), long),
        Evidence("INTG", "web", 0, 22_500_000, second("2025-07-19T23:59:59"), long),
        Evidence("INTG", "web", 300_000, 2_400_000, second("2026-02-28T12:00:00"), long),
    )
    fourth = Evidence("INTG", "web", 2_500_000, 2_500_000, second("2024-02-29T06:07:08"), long)
    moves = [*((fold, piece) for piece in kept), (fold, fourth), (retract, fourth)]

    ends = {encode(_moved(order)) for order in permutations(moves)}

    assert ends == {encode(state_of(*kept))}
    assert state_of(*kept).sums["INTG", "web", long] == (
        4215189637301136127902194073600000,
        74592989081399439406974946508800000,
    )


@given(pieces=st.lists(PIECES | CHECKS, max_size=12), data=st.data())
def test_every_order_gives_the_same_bits(pieces, data):
    shuffled = data.draw(st.permutations(pieces))

    assert encode(state_of(*shuffled)) == encode(state_of(*pieces))
    assert state_of(*shuffled) == state_of(*pieces)


@given(kept=st.lists(PIECES, max_size=6), taken=st.lists(PIECES, max_size=6), data=st.data())
def test_retractions_restore_the_bits_also_when_they_come_first(kept, taken, data):
    moves = [*((fold, p) for p in (*kept, *taken)), *((retract, p) for p in taken)]
    shuffled = data.draw(st.permutations(moves))

    assert encode(_moved(shuffled)) == encode(state_of(*kept))


@given(pieces=st.lists(PIECES | CHECKS, max_size=8), owed=st.lists(PIECES, max_size=3))
def test_bytes_hold_the_whole_state(pieces, owed):
    state = _moved([*((fold, p) for p in pieces), *((retract, p) for p in owed)])

    assert decode(encode(state)) == state
    assert encode(decode(encode(state))) == encode(state)


@given(noise=st.binary(min_size=1, max_size=40))
def test_noise_after_a_state_is_refused_or_read_as_more_of_it(noise):
    with suppress(ValueError):
        decode(encode(EMPTY) + noise)


def test_a_state_of_another_version_is_refused():
    with pytest.raises(ValueError, match="version"):
        decode(b"\x07" + encode(EMPTY)[1:])


def test_a_state_cut_short_is_refused():
    with pytest.raises(ValueError, match="ends in the middle"):
        decode(encode(state_of(seen(1, 1)))[:-1])


def test_old_sums_stay_small():
    weekly = [Evidence("OPIN", "web", 10**6, 10**7, NOON - week * 7 * DAY, 7 * DAY) for week in range(8)]

    assert len(encode(state_of(*weekly))) < 90


def test_digests_tell_states_apart():
    assert digest(state_of(seen(1, 1))) == digest(state_of(seen(1, 1)))
    assert digest(state_of(seen(1, 1))) != digest(state_of(seen(1, 2)))


def _moved(moves):
    return reduce(lambda state, move: move[0](state, move[1]), moves, EMPTY)
