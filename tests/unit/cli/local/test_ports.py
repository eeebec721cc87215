import pytest

from sealwatch.errors import Misconfigured
from sealwatch_cli.local.ports import ANY_PORT, Wish, choose_port


@pytest.mark.parametrize(
    ("wish", "remembered", "taken", "chosen"),
    [
        (Wish(fixed=5), 6, set(), 5),
        (Wish(preferred=7), 6, set(), 6),
        (Wish(preferred=7), 6, {6}, 7),
        (Wish(preferred=7), None, set(), 7),
        (ANY_PORT, 6, set(), 6),
    ],
)
def test_a_port_is_the_fixed_one_else_the_remembered_else_the_preferred(wish, remembered, taken, chosen):
    port = choose_port(wish, remembered, lambda number: number not in taken)

    assert port == chosen


def test_a_fixed_port_that_is_taken_is_refused():
    with pytest.raises(Misconfigured, match="port 8080"):
        choose_port(Wish(fixed=8080), None, lambda _: False)
