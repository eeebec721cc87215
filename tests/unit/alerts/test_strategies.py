"""What is to be done at a level, under whichever shipped policy a database goes by."""

import pytest

from sealwatch.risk.policy import Level
from sealwatch.shell.first_policy import shipped
from sealwatch_alerts.strategies import Shelf


@pytest.mark.parametrize("policy", [one.policy for one in shipped()], ids=lambda policy: policy.version)
def test_each_shipped_version_has_its_strategies(policy):
    shelf = Shelf(*(one.policy for one in shipped()))

    assert shelf.of(policy.version, Level.HIGH) == policy.coping[Level.HIGH]


def test_of_a_version_that_nobody_knows_nothing_is_told():
    assert Shelf(shipped()[0].policy).of("2031.1", Level.HIGH) is None
