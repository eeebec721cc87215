"""How far a notice has come, when several offices were told."""

import pytest

from sealwatch_api.chain_views import ChainLink
from sealwatch_api.chains import least


def link(office, state):
    return ChainLink.model_construct(office=office, state=state)


@pytest.mark.parametrize(
    ("links", "wanted"),
    [
        ([], "raised"),
        ([link("A", "sent"), link("A", "acknowledged")], "acknowledged"),
        ([link("A", "acted"), link("B", "delivered")], "delivered"),
        ([link("A", "acted"), link("B", "acted")], "acted"),
    ],
)
def test_a_notice_has_come_as_far_as_the_office_that_is_furthest_behind(links, wanted):
    assert least(links) == wanted
