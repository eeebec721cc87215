"""The quick way through the public door, for a body that is plainly right.

Most bodies are. For these a twin of the contract is derived from its own core schema: the same fields,
bounds, patterns and checks, read by msgspec in a fraction of the time. A twin refuses nothing: whatever it
does not take, or takes with a doubt, is read by the door, whose word alone counts (ADR 6).

What JSON can hide, and what the patterns of texts forbid, is looked for once in the body written anew:
it has each key once and no blanks between, so a key given twice shows as a colon too many in the bytes,
and a text that begins or ends with a blank as a blank beside a quotation mark.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, TypeVar, cast

import msgspec

from sealwatch.contracts import door
from sealwatch.contracts.base import ID_PATTERN, TEXT_PATTERN, Posted, in_nfc

Event = TypeVar("Event", bound=Posted)
Schema = dict[str, Any]
Check = Callable[[Any], Any]

_SEEN_IN_THE_WHOLE = frozenset({ID_PATTERN, TEXT_PATTERN})
_BOUNDS = ("ge", "le", "min_length", "max_length", "pattern")
_PLAIN_TYPES = {"bool": bool, "int": int, "float": float, "str": str}
_ODD = re.compile("[\x80-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff]")
_ASCII = bytes(range(128))
_BLANK_FIRST, _BLANK_LAST = re.compile(rb'" '), re.compile(rb' "')  # twice as fast as ``in``
_write, _parse = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode
_contracts: dict[type, type[Posted]] = {}


class _Twin(NamedTuple):
    """How a kind of event is read, and what its outermost part then passes."""

    read: Callable[[bytes], Any]
    check: Callable[[Any], None]


def read(contract: type[Event], data: bytes) -> Event:
    """Return the body, or raise BadBody; it has the fields of its contract, and ``is_a`` knows it."""
    twin = _twin_of(contract)
    try:
        body = twin.read(data)
        if _is_plain(data, _write(body)):
            twin.check(body)
            return cast("Event", body)
    except (ValueError, RecursionError):
        pass  # why not is for the door to say
    return door.read(contract, data)


def is_a(event: Posted, contract: type[Event]) -> TypeGuard[Event]:
    """Tell whether an event was read under this contract, whichever way it came in."""
    kind = type(event)
    return _contracts.get(kind, kind) is contract


def _is_plain(data: bytes, anew: bytes) -> bool:
    """Tell whether the bytes hold just what was read: no key twice, no text that a pattern forbids."""
    if data != anew and not _says_no_more(data, anew):
        return False
    if b"\\" in anew or b"\x7f" in anew or _BLANK_FIRST.search(anew) or _BLANK_LAST.search(anew):
        return False
    return anew.isascii() or _is_usual(anew.translate(None, _ASCII).decode())


def _is_usual(text: str) -> bool:
    """Tell whether what is not ASCII is in its normal form and nothing to be hidden or seen as a blank.

    Only a combining character could make something else of an ASCII letter before it.
    """
    if _ODD.search(text) or any(map(unicodedata.combining, text)):
        return False
    return unicodedata.is_normalized("NFC", text)


def _says_no_more(data: bytes, anew: bytes) -> bool:
    """Tell whether every key in the bytes is there once; what is a default is not written anew by a twin."""
    if door.has_tiny_number(data) or (b"\\" in data and b"\\u003" in data):
        return False  # a colon in disguise would make up for one too many
    colons = data.count(b":")
    return colons == anew.count(b":") or colons == _write(_parse(data)).count(b":")


@cache
def _twin_of(contract: type[Posted]) -> _Twin:
    whole, fields = _taken_apart(cast("Schema", contract.__pydantic_core_schema__))
    parts = [(name, check) for name, field in fields.items() for check in _checks_of(field)]
    struct = _struct_of(contract.__name__, fields, {})
    _contracts[struct] = contract
    return _Twin(msgspec.json.Decoder(struct).decode, _checked(parts, whole))


def _taken_apart(schema: Schema) -> tuple[list[Check], dict[str, Schema]]:
    """Return a model's own checks and its fields."""
    whole: list[Check] = []
    while schema["type"] == "function-after":
        whole.insert(0, schema["function"]["function"])
        schema = schema["schema"]
    return whole, {name: field["schema"] for name, field in schema["schema"]["fields"].items()}


def _struct_of(name: str, fields: dict[str, Schema], names: dict[str, Any]) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        name,
        [_field_of(name, field) for name, field in fields.items()],
        namespace=names,
        kw_only=True,
        forbid_unknown_fields=True,
        omit_defaults=True,
        gc=False,
    )


def _field_of(name: str, schema: Schema) -> tuple[str, Any] | tuple[str, Any, Any]:
    if schema["type"] != "default":
        return (name, _type_of(schema))
    return (name, _type_of(schema["schema"]), schema["default"])


def _type_of(schema: Schema) -> Any:  # noqa: ANN401  # a type that is made here
    """Return what msgspec reads instead; what is new to us has no twin, and says so."""
    match schema["type"]:
        case "bool" | "int" | "float" | "str" as name:
            return _bounded(_PLAIN_TYPES[name], schema)
        case "literal":
            return Literal[tuple(schema["expected"])]
        case "nullable":
            return _type_of(schema["schema"]) | None
        case "tuple":
            return _bounded(tuple[_type_of(schema["items_schema"][0]), ...], schema)  # type: ignore[misc]
    return _behind_functions(schema)


def _behind_functions(schema: Schema) -> Any:  # noqa: ANN401  # a type that is made here
    match schema["type"]:
        case "function-plain":
            return _type_of(schema["json_schema_input_schema"])
        case "function-after" if schema["schema"]["type"] != "model":
            return _type_of(schema["schema"])
        case "function-after" | "model":
            return _part_of(schema)
    raise TypeError(f"no twin for a {schema['type']}")


def _bounded(type_: object, schema: Schema) -> Any:  # noqa: ANN401  # a type that is made here
    bounds = {name: schema[name] for name in _BOUNDS if name in schema}
    if bounds.get("pattern") in _SEEN_IN_THE_WHOLE:
        del bounds["pattern"]
    return Annotated[type_, msgspec.Meta(**bounds)] if bounds else type_


def _part_of(schema: Schema) -> type[msgspec.Struct]:
    """Return the struct of an inner model, which is checked as soon as it is read."""
    whole, fields = _taken_apart(schema)
    if len(whole) > 1 or any(map(_checks_of, fields.values())):
        raise TypeError("no twin for an inner part with more than one check")
    return _struct_of("Part", fields, {"__post_init__": whole[0]} if whole else {})


def _checks_of(schema: Schema) -> list[Check]:
    """Return the functions that a field's value passes, innermost first; the normal form is seen already."""
    if schema["type"] in ("default", "nullable"):
        return _checks_of(schema["schema"])
    if schema["type"] == "function-plain":
        return [schema["function"]["function"]]
    if schema["type"] != "function-after" or schema["schema"]["type"] == "model":
        return []
    last = schema["function"]["function"]
    return [*_checks_of(schema["schema"]), *([] if last is in_nfc else [last])]


def _checked(parts: list[tuple[str, Check]], whole: list[Check]) -> Callable[[Any], None]:
    def check(body: Any) -> None:  # noqa: ANN401  # a struct that is made here
        for name, part in parts:
            value = getattr(body, name)
            if value is not None:
                setattr(body, name, part(value))
        for one in whole:
            one(body)

    return check
