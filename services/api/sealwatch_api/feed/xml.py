"""XML by the standard library, which escapes; what XML cannot hold at all is taken out before."""

import re
import xml.etree.ElementTree as ET  # it only writes here, and reads nothing
from collections.abc import Mapping

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_TURNING = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)  # would show another text than is there
_SPACES = re.compile(r"\s+")
UNKNOWN = "\ufffd"


def clean(text: str) -> str:
    """Return a text that XML can hold; a character that it cannot becomes U+FFFD."""
    return _FORBIDDEN.sub(UNKNOWN, _TURNING.sub("", text))


def line(text: str) -> str:
    """Return a text as one line."""
    return _SPACES.sub(" ", clean(text)).strip()


def root(name: str, namespace: str) -> ET.Element:
    """Return the outermost element; all inside it are of its namespace."""
    return ET.Element(name, {"xmlns": namespace})


def add(
    parent: ET.Element, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> ET.Element:
    """Add an element with this text and these attributes."""
    made = ET.SubElement(parent, name, {key: line(value) for key, value in (attributes or {}).items()})
    if text is not None:
        made.text = clean(text)
    return made


def written(element: ET.Element) -> bytes:
    """Return the document in UTF-8."""
    document: bytes = ET.tostring(element, encoding="utf-8", xml_declaration=True)
    return document
