"""Bytes at the public door become a typed body, or a refusal that never quotes them.

One validator does the work; a cheap count of key marks tells when the slow, strict path must look
(a duplicate key changes the count, and a key apart from its colon is not trusted), and every refusal
goes there for its exact reason.
"""

import re
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from sealwatch.contracts.strict_json import NotStrict, parse

Model = TypeVar("Model", bound=BaseModel)
MALFORMED, INVALID = 400, 422
MAX_ERRORS = 20  # an answer stays small whatever was sent; ours

# A pattern that begins with letters is found ten times as fast as one that begins with a choice.
_TINY_LOWER, _TINY_UPPER = re.compile(rb"e-(?<=[0-9]e-)[0-9]{4}"), re.compile(rb"E-(?<=[0-9]E-)[0-9]{4}")
_BLANK_COLON = re.compile(rb" :")
_LOOSE_COLON = re.compile(rb"[\n\r\t]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OF_THE_LIBRARY = frozenset(get_args(ErrorType))  # all other codes are ours


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
    if data.count(b'":') != fields_in(body) or _has_loose_colon(data) or has_tiny_number(data):
        _strictly(data)
    return body


def fields_in(body: BaseModel) -> int:
    """Return how many keys were decoded into a body, its parts included; fewer is always safe."""
    count = len(body.__pydantic_fields_set__)
    for name in _parts_of(type(body)):
        part = body.__dict__[name]
        if type(part) is tuple:
            count += sum(map(fields_in, part))
        elif part is not None:
            count += fields_in(part)
    return count


@cache
def _parts_of(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name, field in model.model_fields.items() if _is_part(field.annotation))


def _is_part(annotation: object) -> bool:
    """Tell a model, a model or None, and a tuple of models from everything else."""
    arguments = get_args(annotation)
    if get_origin(annotation) in (tuple, Union, UnionType, Annotated):
        return all(_is_part(one) or one in (None, NoneType, Ellipsis) for one in arguments)
    return isinstance(annotation, type) and not arguments and issubclass(annotation, BaseModel)


def _has_loose_colon(data: bytes) -> bool:
    """Tell whether a key may stand apart from its colon, where the count of marks misses it."""
    if _BLANK_COLON.search(data):
        return True
    return (b"\n" in data or b"\t" in data or b"\r" in data) and _LOOSE_COLON.search(data) is not None


def has_tiny_number(data: bytes) -> bool:
    """Tell whether a number may be so near to 0 that an exact reader of the log cannot hold it."""
    return _TINY_LOWER.search(data) is not None or _TINY_UPPER.search(data) is not None


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
    faults = seen.errors(include_url=False, include_context=False)
    if faults[0]["type"] == "json_invalid":
        return BadBody(MALFORMED, "malformed_json")
    errors = tuple(map(_field_error, faults[:MAX_ERRORS]))
    return BadBody(INVALID, errors[0].code, errors)


def _field_error(fault: ErrorDetails) -> FieldError:
    return FieldError(_pointer(_place(fault["loc"], fault["type"])), _code(fault), _sentence(fault))


def _place(location: tuple[int | str, ...], type_: str) -> tuple[int | str, ...]:
    """Return where the fault is; a name that the sender made up is not echoed."""
    if location[-1:] == ("[key]",):
        return location[:-2]
    return location[:-1] if type_ == "extra_forbidden" else location


def _pointer(location: tuple[int | str, ...]) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in location)
    return "".join(f"/{step}" for step in steps if step)[:200]


def _code(fault: ErrorDetails) -> str:
    type_ = fault["type"]
    if type_ not in _OF_THE_LIBRARY:
        return type_
    if type_ == "string_pattern_mismatch" and _CONTROL.search(fault["input"]):
        return "control_character"
    return "missing_field" if type_ == "missing" else "invalid_field"


def _sentence(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "is not a field of this event"
    message = fault["msg"]
    return message[0].lower() + message[1:]
