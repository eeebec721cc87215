"""What README.md shows can be sent as it stands."""

import re
from pathlib import Path

from sealwatch.contracts.door import read
from sealwatch.contracts.inspections import Inspection

TOLD = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_result_that_the_readme_pushes_is_one_that_intake_takes():
    body = re.search(r"/v1/inspections .*? -d '(.*?)'", TOLD, re.DOTALL)[1]

    event = read(Inspection, body.encode())

    assert (event.product_id, event.items[0].failures, event.items[0].trials) == ("label-1", 2, 10)
