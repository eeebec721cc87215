import json
from datetime import date
from pathlib import Path

import sealwatch_cli
from sealwatch.contracts.inspections import Inspection
from sealwatch.contracts.sightings import Sighting
from sealwatch_cli.replay import FOOD, SAFETY_GATE, batches, categories, drill, lots, notices

UNTIL = date(2026, 11, 25)


def test_the_table_has_the_published_totals():
    found = categories(FOOD)

    assert (len(found), sum(c.inspected for c in found)) == (35, 3_673_579)
    assert sum(c.nonconforming for c in found) == 81_935


def test_infant_food_is_the_gravest_class():
    grave = [c.name for c in categories(FOOD) if c.severity == 4]

    assert 1 <= len(grave) <= 5


def test_lots_keep_the_failures_of_their_category_and_lie_in_the_half_year():
    found = categories(FOOD)

    made = list(lots(found, 0.001, UNTIL))

    failed = sum(event["items"][0]["verdict"] == "fail" for event in made)
    assert failed == sum(round(c.nonconforming * 0.001) for c in found)
    assert min(event["sampled_at"] for event in made) >= "2026-05-27"
    assert max(event["sampled_at"] for event in made) < "2026-11-25"


def test_every_lot_and_notice_passes_the_door():
    made = list(lots(categories(FOOD), 0.0001, UNTIL))
    seen = list(notices(SAFETY_GATE, UNTIL))

    assert all(Inspection.model_validate_json(json.dumps(event)) for event in made)
    assert len([Sighting.model_validate_json(json.dumps(event)) for event in seen]) == 182


def test_the_data_travels_with_the_package_so_that_an_image_has_it():
    package = Path(sealwatch_cli.__file__).parent

    assert all(Path(str(table)).is_relative_to(package) for table in (FOOD, SAFETY_GATE))


def test_a_drill_is_the_worst_category_under_a_name_of_its_own():
    found = categories(FOOD)

    made = drill(found, "now")

    shares = {c.name: c.nonconforming / c.inspected for c in found}
    assert made.product_id == "drill-now"
    assert shares[made.name] == max(shares.values())


def test_batches_lose_nothing():
    assert [len(b) for b in batches([{}] * 5, 2)] == [2, 2, 1]
