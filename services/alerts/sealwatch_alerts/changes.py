"""A record of the level changes, as this service reads it."""

from datetime import datetime

from pydantic import ValidationError

from sealwatch.contracts.base import parsed_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.errors import UnreadableRecord

LARGEST_SEQUENCE = 2**31 - 1  # an integer of PostgreSQL


def change_of(value: bytes | None) -> LevelChanged:
    """Return the change, or raise UnreadableRecord, also where the database could not keep it."""
    if value is None:
        raise UnreadableRecord("null_value")
    if b"\\u0000" in value:
        raise UnreadableRecord("undecodable (text that no database keeps)")
    try:
        change = LevelChanged.model_validate_json(value)
        parsed_uid(change.uid)
        instant = datetime.fromisoformat(change.changed_at)
    except ValidationError as error:
        places = {str(one["loc"][0]) if one["loc"] else "body" for one in error.errors(include_input=False)}
        raise UnreadableRecord(f"undecodable ({', '.join(sorted(places))})") from None
    except ValueError as error:
        raise UnreadableRecord("undecodable (a uid or an instant of another form)") from error
    if change.sequence > LARGEST_SEQUENCE or instant.tzinfo is None:
        raise UnreadableRecord("undecodable (a sequence or an instant out of range)")
    return change
