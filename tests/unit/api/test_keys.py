"""A key never allows more than its maker's."""

from typing import get_args

import pytest
from pydantic import ValidationError

from sealwatch.contracts.registry import CredentialEntry, SourceClass
from sealwatch.risk.catalogue import SOURCE_CLASSES
from sealwatch.shell.first_policy import shipped
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


SIDES = sorted({side for version in shipped() for side in version.policy.targeted_of})
ENTRY = {"key_id": "k", "digest": "d", "organisation_id": "o", "source_id": "s", "scopes": ()}


def test_a_key_has_built_in_classes_and_a_policy_makes_no_targeted_side_of_one():
    assert set(get_args(SourceClass)) == SOURCE_CLASSES
    assert SIDES
    assert SOURCE_CLASSES.isdisjoint(SIDES)


@pytest.mark.parametrize("side", SIDES)
def test_no_key_is_made_or_heard_of_with_a_targeted_side_as_its_class(side):
    classes = {"inspection": side}

    with pytest.raises(ValidationError, match="source_classes"):
        NewKey(source_id="s", scopes=("risk:read",), source_classes=classes)
    with pytest.raises(ValidationError, match="source_classes"):
        CredentialEntry(**ENTRY, source_classes=classes)
