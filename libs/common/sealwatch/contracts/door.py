"""Bytes at the public door become a typed body, or a refusal that never quotes them.

One validator does the work; a cheap count of key marks tells when the slow, strict path must look
(a duplicate key changes the count), and every refusal goes there for its exact reason.
"""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sealwatch.contracts.strict_json import NotStrict, parse

Model = TypeVar("Model", bound=BaseModel)
MALFORMED, INVALID = 400, 422
MAX_ERRORS = 20  # an answer stays small whatever was sent; ours


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: where (JSON pointer), a stable code, a sentence."""

    pointer: str
    code: str
    detail: str


class BadBody(ValueError):  # noqa: N818
    """A body that is refused: HTTP status, stable code, and the fields at fault."""

    def __init__(self, status: int, code: str, errors: tuple[FieldError, ...] = ()) -> None:
        """Keep what the answer will say."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.errors = errors


def read(model: type[Model], data: bytes) -> Model:
    """Return the body as its type, or raise BadBody."""
    try:
        body = model.model_validate_json(data)
    except ValidationError as error:
        raise _refusal(data, error) from None
    if data.count(b'":') != fields_in(body):
        _strictly(data)
    return body


def fields_in(value: object) -> int:
    """Return how many keys were decoded into a body, its parts included."""
    if isinstance(value, BaseModel):
        given = value.__pydantic_fields_set__
        held = value.__dict__
        count = len(given)
        for name in given:
            part = held[name]
            if type(part) is tuple or isinstance(part, BaseModel):
                count += fields_in(part)
        return count
    if isinstance(value, tuple):
        return sum(map(fields_in, value))
    return 0


def _strictly(data: bytes) -> object:
    try:
        return parse(data)
    except NotStrict as error:
        raise BadBody(MALFORMED, error.code) from None


def _refusal(data: bytes, seen: ValidationError) -> BadBody:
    """Return why a body is refused: how it is written first, then what it says."""
    try:
        value = _strictly(data)
    except BadBody as malformed:
        return malformed
    if not isinstance(value, dict):
        return BadBody(INVALID, "not_an_object")
    errors = tuple(
        FieldError(
            _pointer(_place(one["loc"], one["type"])), _code(one["type"]), _sentence(one["type"], one["msg"])
        )
        for one in seen.errors(include_url=False, include_context=False, include_input=False)
    )
    return BadBody(INVALID, errors[0].code, errors[:MAX_ERRORS])


def _place(location: tuple[int | str, ...], type_: str) -> tuple[int | str, ...]:
    """Return where the fault is; the name of an unknown field is the sender's and is not echoed."""
    return location[:-1] if type_ == "extra_forbidden" else location


def _pointer(location: tuple[int | str, ...]) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in location)
    return "".join(f"/{step}" for step in steps if step)[:200]


_OWN = {
    "bad_timestamp",
    "timestamp_needs_offset",
    "inconsistent_dates",
    "more_failures_than_trials",
    "more_suspect_than_seen",
    "sample_exceeds_lot",
    "several_results",
    "incomplete_count",
    "unit_missing",
    "censoring_needs_value",
    "no_limit",
    "limits_crossed",
    "bad_url",
}


def _code(type_: str) -> str:
    if type_ in _OWN:
        return type_
    return "missing_field" if type_ == "missing" else "invalid_field"


def _sentence(type_: str, message: str) -> str:
    if type_ == "extra_forbidden":
        return "is not a field of this event"
    return message[0].lower() + message[1:]
