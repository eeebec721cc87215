"""What intake is told of keys and devices, as records of the registry topic."""

from datetime import datetime

from sealwatch.contracts.base import derived_uid
from sealwatch.contracts.codec import Envelope, Record, Stamp, encode
from sealwatch.contracts.registry import CredentialEntry, DeviceEntry, key_of
from sealwatch.contracts.topics import REGISTRY

LANE = 0  # of the outbox: the api has one


def entry_record(entry: CredentialEntry | DeviceEntry, recorder: Stamp, now: datetime) -> Record:
    """Return the record that makes this the newest entry of its key."""
    key, body = key_of(entry), entry.model_dump_json()
    uid = derived_uid("registry.recorded", key, now.isoformat(), body)
    envelope = Envelope("registry.recorded.v1", uid, key, now)
    return encode(envelope, body.encode(), recorder.headers(), REGISTRY.name)
