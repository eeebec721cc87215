"""Options that the commands of the desk share, and ``--where NAME=VALUE``."""

from collections.abc import Iterable
from typing import Annotated

import typer

NAMES = {"from": "appended_from", "to": "appended_to", "error-class": "error_class"}
KNOWN = ("state", "reason", "error-class", "organisation", "from", "to")
ALL = "all"

Api = Annotated[str, typer.Option("--api", help="address of the api", envvar="SEALWATCH_API_URL")]
Key = Annotated[str, typer.Option("--key", help="a key with letters:admin", envvar="SEALWATCH_KEY")]
Note = Annotated[str, typer.Option("--note", help="why, for whoever asks later")]
Most = Annotated[int, typer.Option("--limit", min=1, help="most rows to show")]
Lines = Annotated[bool, typer.Option("--json", help="one JSON document a line instead of a table")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", help=f"NAME=VALUE, as often as needed; names: {', '.join(KNOWN)}"),
]


def filters_of(where: Iterable[str] | None) -> dict[str, str]:
    """Return the filters as the api names them, or raise BadParameter."""
    found: dict[str, str] = {}
    for one in where or ():
        name, equals, value = one.partition("=")
        if name not in KNOWN or not equals or not value:
            raise typer.BadParameter(f"{one!r}: wants NAME=VALUE with one of {', '.join(KNOWN)}")
        if NAMES.get(name, name) in found:
            raise typer.BadParameter(f"{name} is given twice, and a record has one")
        found[NAMES.get(name, name)] = value
    return found


def listing(where: Iterable[str] | None) -> dict[str, str]:
    """Return the filters of a list: open records unless a state is named, ``state=all`` for any."""
    found = {"state": "open"} | filters_of(where)
    if found["state"] == ALL:
        del found["state"]
    return found
