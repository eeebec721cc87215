"""A record of the level changes, as this service reads it."""

from datetime import UTC, datetime

from pydantic import ValidationError

from sealwatch.contracts.base import parsed_uid
from sealwatch.contracts.risk import LevelChanged
from sealwatch.errors import UnreadableRecord

LARGEST_SEQUENCE = 2**31 - 1  # an integer of PostgreSQL
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # deadlines, 9,999 weeks at most, are counted from it; ours


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
    in_range = instant.tzinfo is not None and EARLIEST <= instant < LATEST
    if change.sequence > LARGEST_SEQUENCE or not in_range:
        raise UnreadableRecord("undecodable (a sequence or an instant out of range)")
    return change
