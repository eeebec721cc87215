"""Who a sender is before the registry was read: the answer over HTTP is tested on a real Kafka."""

import pytest

from sealwatch.contracts.credentials import ID_BYTES, SECRET_BYTES, mint
from sealwatch_ingest.auth import Denied, sender_of
from sealwatch_ingest.senders import Registry
from tests.factories import NOON

KEY = mint(bytes(range(ID_BYTES + SECRET_BYTES)))


def test_until_the_registry_was_read_a_well_formed_key_is_told_to_come_back():
    with pytest.raises(Denied) as denied:
        sender_of([f"Bearer {KEY.key}"], Registry(), NOON)

    assert (denied.value.status, denied.value.code) == (503, "registry_not_read")
    assert denied.value.headers == {"Retry-After": "1"}


@pytest.mark.parametrize("shown", [[], ["Bearer nonsense"], ["Basic eDp5"]])
def test_without_a_key_there_is_nothing_to_wait_for(shown):
    with pytest.raises(Denied) as denied:
        sender_of(shown, Registry(), NOON)

    assert (denied.value.status, denied.value.code) == (401, "unauthenticated")


def test_afterwards_an_unknown_key_is_unknown():
    registry = Registry()
    registry.complete = True

    with pytest.raises(Denied) as denied:
        sender_of([f"Bearer {KEY.key}"], registry, NOON)

    assert denied.value.status == 401
