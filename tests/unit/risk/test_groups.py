from hypothesis import given
from hypothesis import strategies as st

from sealwatch.risk.groups import Gain, of_classes, total
from sealwatch.risk.state import EMPTY, State, encode, fold_all
from tests.unit.risk.given import DAY, NOON, POLICY, SPECIAL, seen, state_of

PIECES = st.lists(
    st.builds(
        seen,
        failures=st.integers(0, 3),
        trials=st.integers(3, 30),
        of=st.sampled_from(["COPY", "MKT"]),
        by=st.sampled_from(["national_spot_check", SPECIAL, "web"]),
        at=st.integers(NOON - 300 * DAY, NOON),
    ),
    max_size=5,
)
LIVES = st.lists(st.tuples(PIECES, PIECES), max_size=6)


def group_of(*members: State) -> State:
    gain = Gain()
    for member in members:
        gain.join(member)
    return total(EMPTY, gain)


@given(lives=LIVES)
def test_a_group_that_grew_with_its_members_is_the_sum_of_them(lives):
    early = [state_of(*first) for first, _ in lives]
    late = [fold_all(state, more) for state, (_, more) in zip(early, lives, strict=True)]
    growth = Gain()
    for before, after in zip(early, late, strict=True):
        growth.move(before, after)

    grown = total(group_of(*early), growth)

    assert encode(grown) == encode(group_of(*late))


@given(lives=LIVES)
def test_members_that_leave_take_everything_along(lives):
    members = [state_of(*first, *more) for first, more in lives]
    leaving = Gain()
    for member in members:
        leaving.leave(member)

    left = total(group_of(*members), leaving)

    assert left == EMPTY


@given(lives=LIVES)
def test_what_two_parts_gained_is_added_up(lives):
    one, other, whole = Gain(), Gain(), Gain()
    for first, more in lives:
        one.join(state_of(*first))
        other.join(state_of(*more))
        whole.join(state_of(*first))
        whole.join(state_of(*more))

    one.add(other)

    assert encode(total(EMPTY, one)) == encode(total(EMPTY, whole))
    assert one.products == whole.products


def test_only_products_with_evidence_are_counted():
    gain = Gain()

    gain.join(EMPTY)
    gain.join(state_of(seen(0, 1)))

    assert gain.products == 1


def test_sums_are_split_by_source_class():
    state = state_of(seen(1, 2), seen(3, 4, of="MKT", by="web"))

    assert of_classes(state, frozenset({"web"})).sums == state_of(seen(3, 4, of="MKT", by="web")).sums


def test_what_no_plan_drew_is_no_part_of_the_planned_sums():
    group = group_of(state_of(seen(1, 40)), state_of(seen(5, 5, by=SPECIAL)))

    assert of_classes(group, POLICY.planned_classes).sums == state_of(seen(1, 40)).sums
