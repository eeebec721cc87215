"""The settings of a process as a person reads them, from the class that reads them from the environment."""

import types
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from sealwatch.shell.settings import PREFIX

WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    SecretStr: "secret text",
}
BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


class Row(NamedTuple):
    """One setting: its variable, what it may be, what it is when not given, and what it is for."""

    name: str
    kind: str
    default: str
    meaning: str


def table_of(settings: type[BaseSettings]) -> tuple[Row, ...]:
    """Return every setting of a process, by name."""
    rows = (
        Row(f"{PREFIX}{name.upper()}", _kind(field), _default(field), field.description or "")
        for name, field in settings.model_fields.items()
    )
    return tuple(sorted(rows))


def text_of(rows: tuple[Row, ...]) -> str:
    """Return a table as plain lines, whole names in each, for a terminal of any width."""
    return "\n".join(f"  {row.name}  ({row.kind}; {row.default})\n      {row.meaning}" for row in rows)


def _kind(field: FieldInfo) -> str:
    annotation: Any = field.annotation
    if get_origin(annotation) in {Union, types.UnionType}:
        (annotation,) = (one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) is Literal:
        return " | ".join(map(str, get_args(annotation)))
    return ", ".join([WORDS[annotation], *_bounds(field)])


def _bounds(field: FieldInfo) -> list[str]:
    """Return the bounds of a number, in words."""
    return [
        f"{words} {bound:g}" if isinstance(bound, float) else f"{words} {bound}"
        for rule in field.metadata
        for mark, words in BOUNDS.items()
        if (bound := getattr(rule, mark, None)) is not None
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return "empty when not given" if value is None else f"default {value}"
