"""What a retraction needs of the stored events is found without reading them all."""

from datetime import timedelta
from random import Random

import pytest

from sealwatch.risk.floors import Check
from sealwatch.risk.state import EMPTY, fold_all
from sealwatch.scoring.maxima import EVIDENCE, FAILED, PASSED
from sealwatch.scoring.product import Product
from sealwatch.shell.policies import load_policy
from sealwatch_scorer.left import LARGEST_PAGE, streams_of
from tests.factories import NOON, inspection, retraction
from tests.fakes.remembered import Remembered, polls_of

POLICY = load_policy(None)
AT = int(NOON.timestamp())
STANDARD = {"code": "EXAMPLE 1", "edition": "2025", "clause": "1", "rank": "compulsory_national"}
KNOWN = (
    Check("GB 1", "lead", AT - 9, failed=True),
    Check("GB 1", "lead", AT - 5, failed=False),
    Check("GB 1", "tin", AT, failed=False),
)
PRODUCT = Product("P1", 0, state=fold_all(EMPTY, KNOWN), newest_at=AT)


class Counting(Remembered):
    """Counts what the search reads."""

    pages, read = 0, 0

    async def older(self, streams, but, most):
        rows = await super().older(streams, but, most)
        self.pages, self.read = self.pages + 1, self.read + len(rows)
        return rows


def lot(number, verdict="pass", indicator=None, age=0):
    body = inspection(
        event_id=f"lot-{number}", failed=verdict == "fail", sampled_at=NOON - timedelta(days=age)
    )
    bound = {"indicator": indicator, "factor": "QUAL", "verdict": verdict, "standard": STANDARD}
    return body | {"items": [*body["items"], bound][: 1 + bool(indicator)]}


def log(seed):
    """Return sixty lots of many clauses on a few days, and forty retractions, some strange, in any order."""
    random = Random(seed)  # noqa: S311  # not for secrets
    lots = [
        lot(n, random.choice(("pass", "pass", "fail")), random.choice((None, *"abcdef")), random.randrange(8))
        for n in range(60)
    ]
    back = [
        retraction(random.choice(("P1", "P1", "P1", "P2")), f"back-{n}", f"lot-{random.randrange(60)}")
        for n in range(40)
    ]
    bodies = [*lots, *back]
    random.shuffle(bodies)
    return bodies, {random.randrange(100) for _ in range(12)}


@pytest.mark.parametrize("seed", range(60))
def test_a_search_ends_where_having_everything_at_hand_does(seed):
    polls = polls_of(*log(seed))
    searched, at_hand = Remembered(POLICY), Remembered(POLICY)

    for poll in polls:
        searched.hear_with_a_search(poll)
        at_hand.hear(poll)

    assert searched.products == at_hand.products
    assert searched.quarantined == at_hand.quarantined


@pytest.mark.parametrize(
    ("named", "streams"),
    [
        ([], []),
        ([Check("GB 1", "lead", AT - 10, failed=True), Check("GB 1", "lead", AT - 6, failed=False)], []),
        ([KNOWN[0]], [(FAILED, AT - 9)]),
        ([KNOWN[1]], [(FAILED, AT - 5), (PASSED, AT - 5)]),
        ([Check("GB 2", "new", AT, failed=True)], [(FAILED, AT), (PASSED, AT), (EVIDENCE, AT)]),
    ],
    ids=["nothing", "older ones", "failed", "passed", "what no clause is known of"],
)
def test_only_what_could_be_lost_is_looked_for_and_not_above_it(named, streams):
    found = streams_of(PRODUCT, named)

    assert [(one.bears, one.until) for one in found] == streams


def test_a_plain_retraction_reads_nothing():
    live = Counting(POLICY)
    live.hear(polls_of([lot(n, age=n) for n in range(50)], ())[0])

    live.hear_with_a_search(polls_of([retraction(of="lot-20")], ())[0])

    assert (live.pages, live.read) == (0, 0)


def test_the_newest_event_is_given_back_by_reading_a_page():
    live = Counting(POLICY)
    live.hear(polls_of([lot(n, age=n) for n in range(50)], ())[0])

    live.hear_with_a_search(polls_of([retraction(of="lot-0")], ())[0])

    assert live.products["P1"].newest_at == AT - 86_400
    assert (live.pages, live.read) == (1, 4)


def test_a_thousand_events_of_one_second_do_not_stop_a_search():
    live = Counting(POLICY)
    many = [lot(n, indicator="lead") for n in range(LARGEST_PAGE + 100)]
    live.hear(polls_of([lot("old", indicator="tin", age=1), *many, lot("new", indicator="tin")], ())[0])

    live.hear_with_a_search(polls_of([retraction(of="lot-new")], ())[0])

    assert live.products["P1"].state.floors[("EXAMPLE 1", "tin")] == (0, AT - 86_400)
