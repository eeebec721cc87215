from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sealwatch.risk.state import encode
from sealwatch.scoring.history import Recorded, walked_again
from sealwatch.scoring.step import Known, walk
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.batch import polled, read
from sealwatch_scorer.store import Position
from tests.factories import DAY_MS, NOON, NOON_MS, description, inspection, override, received, retraction

POLICY = load_policy(None)
BODIES = st.one_of(
    st.builds(
        lambda n, failed, age: inspection(
            event_id=f"lot-{n}", failed=failed, sampled_at=NOON - timedelta(days=age)
        ),
        st.integers(0, 9),
        st.booleans(),
        st.integers(0, 400),
    ),
    st.builds(lambda n: retraction(event_id=f"back-{n}", of=f"lot-{n}"), st.integers(0, 9)),
    st.builds(description, st.just("P1"), st.integers(1, 5), st.integers(1, 4)),
    st.builds(override, st.just("P1"), st.integers(1, 5), st.sampled_from([None, "low", "serious"])),
)


def unique(bodies):
    """Keep the first of each id, as a claim does."""
    records = [received(body, n, NOON_MS + n) for n, body in enumerate(bodies)]
    first = {}
    for record in records:
        first.setdefault(dict(record.headers)["ce_id"], record)
    return list(first.values())


def again(records, until_ms):
    return walked_again([Recorded(one, one.appended_ms) for one in records], lambda _: POLICY, until_ms)


@given(st.lists(BODIES, min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_one_poll_gives_is_walked_again_whatever_the_order_of_rows(bodies, random):
    records = unique(bodies)
    poll = polled(map(read, records), {0: Position(0)}, {})
    live = walk(Known({}), poll.arrivals, POLICY)
    shuffled = random.sample(records, len(records))

    past = again(shuffled, NOON_MS + len(bodies))

    product = live.products["P1"]
    assert past.product == product
    assert encode(past.product.state) == encode(product.state)
    assert [change.uid for change in past.changes] == [change.uid for change in live.changes]


def test_what_came_later_is_not_known_yet():
    records = [received(inspection(event_id=f"lot-{n}"), n, NOON_MS + n * DAY_MS) for n in range(4)]

    assert [again(records, NOON_MS + n * DAY_MS).product.events for n in range(4)] == [1, 2, 3, 4]
    assert again(records, NOON_MS - 1) is None


def test_a_midnight_counts_at_its_instant():
    records = [received(inspection(event_id=f"lot-{n}"), n, NOON_MS) for n in range(30)]
    midnight = NOON_MS + 13 * DAY_MS + DAY_MS // 2

    before, after = again(records, midnight - 1), again(records, midnight)

    assert (before.product.standing.level.word, after.product.standing.level.word) == ("medium", "low")
    assert (before.at, after.at) == (NOON_MS // 1000, midnight // 1000)
