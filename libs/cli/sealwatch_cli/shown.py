"""Records of the desk on the terminal: a table for people, JSON lines for programs."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from sealwatch_cli.desk import Answer, Refused

EXIT_REFUSED = 1
Cells = Callable[[Answer], tuple[str, ...]]


def show(rows: Iterable[Answer], columns: tuple[str, ...], cells: Cells, *, lines: bool) -> None:
    """Print a list."""
    if lines:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table(*columns, "appended", "reason", "organisation", "state")
    for row in rows:
        common = (row["appended_at"], row["reason"], row["organisation"] or "-", row["state"])
        table.add_row(*map(tame, (*cells(row), *common)))
    Console().print(table)


def show_one(found: Answer, *, lines: bool) -> None:
    """Print one record with everything that is known of it."""
    if lines:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table("field", "value")
    for name, value in found.items():
        if name != "headers":
            table.add_row(name, tame(plain(value)))
    for header in found["headers"]:
        table.add_row(tame(f"header {header['name']}"), tame(plain(header["value"])))
    Console().print(table)


def tame(text: str) -> Text:
    """Return text that can do nothing to a terminal: what senders wrote is neither markup nor control."""
    return Text("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text))


def plain(value: Any) -> str:  # noqa: ANN401  # any JSON value
    """Return a value as a person reads it: bytes as their text, or in base64 where they are none."""
    if isinstance(value, dict):
        return str(value["text"]) if value["text"] is not None else f"base64 {value['base64']}"
    return "-" if value is None else str(value)


def settle(ids: Iterable[str], done: str, act: Callable[[str], object]) -> None:
    """Settle one record after the other, each once; a refusal stops no other, and is the exit code."""
    refused: dict[str, str] = {}
    asked = list(dict.fromkeys(ids))
    with progress_bar() as bar:
        for id_ in bar.track(asked, description=done):
            try:
                act(id_)
            except Refused as error:
                refused[id_] = str(error)
    report(len(asked) - len(refused), done, refused)


def progress_bar() -> Progress:
    """Return a bar that leaves standard output to the result."""
    return Progress(console=Console(stderr=True))


def report(count: int, done: str, refused: dict[str, str]) -> None:
    """Say how many were settled and why others were not; with any refused, exit with 1."""
    typer.echo(f"{count} {done}, {len(refused)} refused")
    for id_, why in refused.items():
        typer.echo(f"{id_}: {why}", err=True)
    if refused:
        raise typer.Exit(EXIT_REFUSED)
