import pytest

from sealwatch.contracts.codec import Received
from sealwatch.contracts.registry import CredentialEntry, DeviceEntry, key_of
from sealwatch_ingest.senders import Registry

CREDENTIAL = CredentialEntry(
    key_id="00", digest="ff", organisation_id="lab", source_id="lims", scopes=("events:write",)
)
DEVICE = DeviceEntry(device_id="D1", organisation_id="lab", point_id="Point 1", period_seconds=60)


def said(entry, value=None):
    written = entry.model_dump_json().encode() if value is None else value
    return Received("registry", 0, 0, 0, key_of(entry).encode(), written, ())


def test_the_newest_entry_of_a_key_counts():
    registry = Registry()

    registry.take([said(CREDENTIAL), said(CREDENTIAL.model_copy(update={"revoked": True}))])

    entry = registry.credential("00")
    assert entry is not None
    assert entry.revoked


def test_a_null_value_takes_an_entry_away():
    registry = Registry()

    registry.take([said(CREDENTIAL), said(CREDENTIAL)._replace(value=None)])

    assert registry.credential("00") is None


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"kind":"credential"}', b'{"kind":"later"}', b"\xff"])
def test_an_entry_that_cannot_be_read_may_have_been_a_revocation(value):
    registry = Registry()

    registry.take([said(CREDENTIAL), said(CREDENTIAL, value)])

    assert registry.credential("00") is None


@pytest.mark.parametrize("expires_at", ['"tomorrow"', '"2026-01-01T00:00:00"'])
def test_a_key_with_an_unreadable_end_is_no_key(expires_at):
    value = (
        CREDENTIAL.model_dump_json()
        .encode()
        .replace(b'"expires_at":null', b'"expires_at":' + expires_at.encode())
    )
    registry = Registry()

    registry.take([said(CREDENTIAL, value)])

    assert registry.credential("00") is None


def test_a_field_of_a_later_minor_version_is_passed_over():
    value = CREDENTIAL.model_dump_json().encode().replace(b"{", b'{"later":1,', 1)
    registry = Registry()

    registry.take([said(CREDENTIAL, value)])

    assert registry.credential("00") == CREDENTIAL


def test_a_device_is_known_to_its_own_organisation_only():
    registry = Registry()

    registry.take([said(DEVICE)])

    assert registry.device("lab", "D1") == DEVICE
    assert registry.device("other", "D1") is None


async def test_it_is_ready_only_once_it_was_read_to_its_end():
    registry = Registry()

    before = await registry.ready()
    registry.complete = True

    assert (before is None, await registry.ready()) == (False, None)
