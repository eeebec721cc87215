import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.stack import Member
from sealwatch_cli.local.starting import member_ports

API = Member("api", ("api",), 8080)


def test_members_take_their_usual_ports_in_silence():
    said: list[str] = []

    ports = member_ports([API], {}, said.append, free=lambda _: True)

    assert ports == {"api": 8080}
    assert said == []


def test_a_member_whose_usual_port_is_taken_says_which_one_it_uses():
    said: list[str] = []

    ports = member_ports([API], {}, said.append, free=lambda port: port != 8080)

    assert ports["api"] != 8080
    assert said == [f"api: port 8080 is taken, using {ports['api']}"]


def test_a_fixed_port_never_moves():
    with pytest.raises(Misconfigured, match="9000"):
        member_ports([API], {"api": 9000}, print, free=lambda _: False)
