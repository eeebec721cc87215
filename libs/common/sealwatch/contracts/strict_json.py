"""The one JSON parser of this product: what four parsers disagree on is refused here.

Refused with a stable code and never quoted: a byte order mark, bytes that are not UTF-8, duplicate keys,
NaN and infinities, numbers that two parsers would read differently, lone surrogates, deep nesting.
"""

import json
import re
import unicodedata
from typing import NoReturn

MAX_DEPTH = 16
MAX_DIGITS = 17  # beyond it an integer and a double disagree; ours
LARGEST = 1e308
_LOST_DIGIT = re.compile(r"^\s*[-+]?[0._]*[1-9]")  # of a number that a double takes for 0
_LONG_EXPONENT = re.compile(r"[eE][+-]?[0-9]{4}")  # exact readers of a decimal have a limit there

# A string without its end is one token too, and nothing is tried twice: the time is linear in the bytes,
# whatever they are.
_BRACKETS_OR_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


class NotStrict(ValueError):  # noqa: N818
    """The bytes are not one strict JSON value; ``code`` says why without quoting them."""

    def __init__(self, code: str) -> None:
        """Keep the stable machine code."""
        super().__init__(code)
        self.code = code


def parse(data: bytes, *, nothing_lost: bool = False) -> object:
    """Return the one value that the bytes hold, or raise NotStrict.

    With ``nothing_lost`` also a number that a double would take for 0, though it is another, is refused.
    """
    text = _text_of(data)
    if _depth_of(data) > MAX_DEPTH:
        raise NotStrict("too_deep")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_kept_float if nothing_lost else _bounded_float,
        )
    except NotStrict:
        raise
    except (ValueError, RecursionError) as error:
        raise NotStrict("malformed_json") from error
    _refuse_surrogates(value)
    return value


def is_lost(text: str, value: float) -> bool:
    """Tell whether a number that is written as another than 0 is too near to it for a double."""
    return value == 0 and _LOST_DIGIT.search(text) is not None


def canonical(value: object) -> bytes:
    """Return the one spelling of a JSON value: sorted keys, no blanks, text in NFC."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return _nfc(text).encode()


def _nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _text_of(data: bytes) -> str:
    if not data.strip():
        raise NotStrict("empty_body")
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotStrict("bom")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotStrict("not_utf8") from error
    if "\x00" in text:  # UTF-16 and UTF-32 without a mark look like this
        raise NotStrict("not_utf8")
    return text


def _depth_of(data: bytes) -> int:
    depth = deepest = 0
    for token in _BRACKETS_OR_STRINGS.finditer(data):
        opened = data[token.start()]
        if opened in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif opened in b"]}":
            depth -= 1
        if deepest > MAX_DEPTH:
            break
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise NotStrict("duplicate_key")
    return value


def _refuse_constant(_constant: str) -> NoReturn:
    raise NotStrict("non_finite")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotStrict("number_out_of_range")
    return int(digits)


def _bounded_float(text: str) -> float:
    value = float(text)
    if not -LARGEST <= value <= LARGEST or _LONG_EXPONENT.search(text):
        raise NotStrict("number_out_of_range")
    return value + 0.0  # -0.0 + 0.0 is 0.0: equal states never differ in bytes


def _kept_float(text: str) -> float:
    value = _bounded_float(text)
    if is_lost(text, value):
        raise NotStrict("number_too_near_to_zero")
    return value


def _refuse_surrogates(value: object) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise NotStrict("lone_surrogate") from error
