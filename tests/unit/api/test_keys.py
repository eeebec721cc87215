"""A key never allows more than its maker's."""

import pytest

from sealwatch_api.auth import Caller
from sealwatch_api.forms import NewKey
from sealwatch_api.keys import excess

MAKER = Caller("0" * 12, "centre", "s", frozenset({"risk:read"}), {"inspection": "local_spot_check"}, False)  # noqa: FBT003


@pytest.mark.parametrize(
    ("wish", "beyond"),
    [
        ({"scopes": ("risk:read",)}, None),
        ({"scopes": ("risk:read",), "source_classes": {"inspection": "local_spot_check"}}, None),
        ({"scopes": ("risk:read", "events:write")}, "scope_beyond_own"),
        (
            {"scopes": ("risk:read",), "source_classes": {"inspection": "national_spot_check"}},
            "source_class_beyond_own",
        ),
        ({"scopes": ("risk:read",), "accredited": True}, "accreditation_beyond_own"),
    ],
)
def test_a_wish_is_measured_by_the_key_that_makes_it(wish, beyond):
    assert excess(NewKey(source_id="s", **wish), MAKER) == beyond
