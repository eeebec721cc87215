"""The worked example of docs/risk-model.md, computed anew from the replay's own lots."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sealwatch.contracts.codec import Stamp
from sealwatch.contracts.log import DescribedFacts, decode
from sealwatch.risk.explanation import explain
from sealwatch.risk.flips import Scene
from sealwatch.risk.index import assess
from sealwatch.risk.policy import Level
from sealwatch.scoring.product import Product
from sealwatch.scoring.step import Arrival, Known, walk
from sealwatch.shell.policies import load_policy
from sealwatch_cli.replay import FOOD as TABLE
from sealwatch_cli.replay import categories, lots
from tests.factories import received

ROOT = Path(__file__).parents[3]
TOLD = (ROOT / "docs" / "risk-model.md").read_text()
UNTIL = date(2026, 11, 25)
AT = int(datetime(2026, 11, 25, tzinfo=UTC).timestamp())
PRODUCT = "food-34"
POLICY = load_policy()
REPLAY = Stamp("centre", "replay", "national_spot_check", accredited=True)


def replayed():
    made = lots(categories(TABLE), 0.001, UNTIL)
    own = [lot for lot in made if lot["product_id"] == PRODUCT]
    records = [received(lot, offset, AT * 1000, sender=REPLAY) for offset, lot in enumerate(own)]
    arrivals = [Arrival(decode(record), record, b"", AT * 1000) for record in records]
    known = Product(PRODUCT, 0, described=DescribedFacts("other", 3), facts_revision=1)
    return arrivals, walk(Known({PRODUCT: known}), arrivals, POLICY).products[PRODUCT]


ARRIVALS, FOOD = replayed()
FACTS = FOOD.facts(POLICY)
SEEN = assess(FOOD.state, FACTS, POLICY, AT)
(ROW,) = SEEN.rows
WHY = explain(Scene(FOOD.standing, FOOD.state, FACTS, POLICY, AT))


@pytest.mark.parametrize(
    "number",
    [
        *(f"{0.5 ** ((AT - arrival.event.occurred_at) / (180 * 86_400)):.6f}" for arrival in ARRIVALS),
        f"F = {ROW.failures:.12g}",
        f"N = {ROW.trials:.13g}",
        f"mean {ROW.mean:.12g}",
        f"p05 {ROW.q05}",
        f"p50 {ROW.q50}",
        f"p95 {ROW.q95}",
        f"p_harm = {SEEN.p_harm}",
        f"log10 p = {SEEN.x}",
        f"RI = 25 (3 + x) = {SEEN.index}",
        f"{SEEN.ri05} to {SEEN.ri95}",
        f"all {WHY.index_thousandths:,} thousandths",
        f"P_Medium = {WHY.chances[Level.MEDIUM]}",
        f"P_High = {WHY.chances[Level.HIGH]}",
        f"{WHY.fall.trials} more passed lots",
    ],
)
def test_every_number_of_the_example_is_what_scoring_gives(number):
    assert number in " ".join(TOLD.split())


def test_the_example_stands_where_the_document_says():
    assert (FOOD.standing.level, SEEN.indicated) == (Level.MEDIUM, Level.HIGH)
    assert (WHY.rise.failures, WHY.rise.after) == (1, Level.HIGH)
    assert WHY.fall.after is Level.LOW
    assert len(ARRIVALS) == 11
