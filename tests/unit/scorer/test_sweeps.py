"""A sweep takes a page of products after another, and each day's is a transaction of its own."""

from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest

from sealwatch.scoring.product import Product
from sealwatch.shell.policy_documents import load_version
from sealwatch_scorer.batch import days_to_sweep
from sealwatch_scorer.memory import Memory
from sealwatch_scorer.pages import PAGE
from sealwatch_scorer.policies import alone
from sealwatch_scorer.score import Scorer
from sealwatch_scorer.store import Position

DAY = timedelta(days=1)
SWEPT = date(2026, 3, 1)


class Shelf:
    """A store of products that all are silent; notes what is asked and committed."""

    def __init__(self, count):
        self.products = {
            name: Product(name, 0, newest_at=0) for name in sorted(f"P{n}" for n in range(count))
        }
        self.asked, self.saved, self.days = [], [], []

    @asynccontextmanager
    async def begin(self):
        yield self

    async def advance(self, _before, after):
        [day] = {position.swept_through for position in after.values()}
        self.days.append(day)

    async def to_sweep(self, _partition, _silent_since, after, most):
        self.asked.append(most)
        return [one for name, one in self.products.items() if name > after][:most]

    async def save(self, states, _policy):
        self.saved.append(len(states))

    async def record_changes(self, changes, policy):
        pass

    async def tell(self, news):
        pass


def scorer_of(shelf):
    return Scorer(shelf, alone(load_version()), Memory(9))


async def test_a_page_of_products_is_swept_at_a_time():
    shelf = Shelf(2 * PAGE + 1)

    await scorer_of(shelf).sweep(0, Position(5, swept_through=SWEPT), SWEPT + DAY)

    assert (shelf.asked, shelf.saved) == ([PAGE] * 4, [PAGE, PAGE, 1])


async def test_every_day_of_a_gap_is_committed_for_itself():
    shelf = Shelf(1)

    after = await scorer_of(shelf).sweep(0, Position(5, swept_through=SWEPT), SWEPT + 3 * DAY)

    assert shelf.days == [SWEPT + DAY, SWEPT + 2 * DAY, SWEPT + 3 * DAY]
    assert after.swept_through == SWEPT + 3 * DAY


@pytest.mark.parametrize(
    ("swept_through", "days"),
    [(None, [SWEPT]), (SWEPT, []), (SWEPT - 2 * DAY, [SWEPT - DAY, SWEPT])],
    ids=["never", "done", "two days"],
)
def test_the_days_to_sweep_are_those_after_the_last_one(swept_through, days):
    assert days_to_sweep(swept_through, SWEPT) == days
