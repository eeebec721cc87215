"""Special inspections of a planned source move the targeted rate and leave that of the population."""

from copy import deepcopy

import pytest

from sealwatch.shell.first_policy import FirstPolicy
from sealwatch.shell.policy_documents import version_in
from tests.factories import description, inspection, retraction
from tests.integration.api.doors import BASE, NOON, opened
from tests.integration.api.scored import Log

SIDE = "national_spot_check_targeted"


def without_sides():
    """Return the shipped policy as if it named no targeted side."""
    document = deepcopy(dict(BASE.document)) | {"version": "no-sides"}
    document["sources"] = {n: part for n, part in document["sources"].items() if "targeted_of" not in part}
    return version_in(document)


class Office:
    """The api and a scorer on one database, under one policy."""

    def __init__(self, doors, base):
        self.doors, self.log = doors, Log(doors, base)

    async def score(self, *bodies):
        for body in bodies:
            self.log.add(body, NOON)
        await self.log.score()

    async def rates(self, key):
        """Return failures and trials of what a plan drew, and of the rest."""
        answer = await self.doors.ask("GET", "/v1/rollups/category?value=labels", key)
        [labels] = answer.json()["items"]
        return [
            {row["factor"]: (row["failures"], row["trials"]) for row in labels[part]["factors"]}
            for part in ("planned", "targeted")
        ]


def lot(number, mode, *, failed):
    return inspection("P1", f"lot-{number}", failed=failed) | {"monitoring_mode": mode}


DAILY = [description("P1"), *(lot(n, "daily", failed=n == 0) for n in range(20))]
SPECIAL = [lot(n, "special", failed=True) for n in range(20, 25)]


@pytest.fixture(params=["shipped", "no-sides"])
async def office(postgres, request):
    base = BASE if request.param == "shipped" else without_sides()
    async with opened(postgres, "sealwatch_api", first=FirstPolicy(base)) as doors:
        made = Office(doors, base)
        await made.score(*DAILY)
        made.key = await doors.key()
        yield made
        await made.log.engine.dispose()


@pytest.mark.parametrize("office", ["shipped"], indirect=True)
async def test_special_inspections_move_the_targeted_rate_and_not_that_of_the_population(office):
    before = await office.rates(office.key)

    await office.score(*SPECIAL)

    assert before == [{"COPY": (1.0, 20.0)}, {}]
    assert await office.rates(office.key) == [{"COPY": (1.0, 20.0)}, {"COPY": (5.0, 5.0)}]


@pytest.mark.parametrize("office", ["no-sides"], indirect=True)
async def test_without_a_targeted_side_they_do_move_it(office):
    await office.score(*SPECIAL)

    assert await office.rates(office.key) == [{"COPY": (6.0, 25.0)}, {}]


@pytest.mark.parametrize("office", ["shipped"], indirect=True)
async def test_a_special_inspection_taken_back_leaves_the_rate_that_it_moved(office):
    taken_back = [retraction("P1", f"back-{n}", of=f"lot-{n}") for n in range(20, 25)]

    await office.score(*SPECIAL, *taken_back)

    assert await office.rates(office.key) == [{"COPY": (1.0, 20.0)}, {}]


@pytest.mark.parametrize("office", ["shipped"], indirect=True)
async def test_an_explanation_names_both_sides_and_whose_the_targeted_one_is(office):
    await office.score(*SPECIAL)

    answer = (await office.doors.ask("GET", "/v1/products/P1/explanation", office.key)).json()

    assert [(one["source_class"], one["targeted_of"], one["failures"]) for one in answer["sources"]] == [
        ("national_spot_check", None, 1.0),
        (SIDE, "national_spot_check", 5.0),
    ]
