import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.commands import parse_ports


def test_ports_are_given_by_name():
    assert parse_ports(["api=9000", "kafka=9092"]) == {"api": 9000, "kafka": 9092}


@pytest.mark.parametrize("word", ["9000", "api=", "api=x", "api=-1"])
def test_a_port_that_is_not_one_is_refused(word):
    with pytest.raises(Misconfigured, match="NAME=PORT"):
        parse_ports(["api=9000", word])
