"""What came of a rescoring on the terminal: tables for people, JSON lines for programs."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table

from sealwatch_cli.shown import tame

if TYPE_CHECKING:
    from sealwatch_scorer.rescoring.outcome import Blast, Comparison

Row = Mapping[str, Any]
NOBODY = "-"


def show_all(rows: Iterable[Row], *, lines: bool) -> None:
    """Print the rescorings that there are."""
    found = list(rows)
    if lines:
        _lines("rescoring", found)
        return
    columns = ("name", "kind", "policy", "known_at", "as_of", "began_with", "events", "total", "done")
    _table(None, columns, found)


def show_blast(name: str, blast: "Blast", *, lines: bool) -> None:
    """Print how many products would move from where to where, and the first of them by name."""
    if lines:
        _lines("move", blast.moves)
        _lines("product", blast.movers)
        _lines("blast", [{"name": name, "products": blast.products}])
        return
    moved = [row for row in blast.moves if row["live"] != row["shadow"]]
    _table(f"levels, live and in {name}", ("live", "shadow", "products"), moved)
    columns = ("product_id", "live", "shadow", "live_index", "shadow_index", "category", "enterprise_id")
    if blast.movers:
        _table("who would move", (*columns, "region"), blast.movers)
    named = f", {len(blast.movers)} are named" if len(blast.movers) < blast.products else ""
    typer.echo(f"{blast.products} products would change level{named}")


def show_comparison(name: str, comparison: "Comparison", *, lines: bool) -> None:
    """Print whether a shadow is the live state to the byte, and the first differences."""
    said = {
        "name": name,
        "equal": comparison.equal,
        "products": comparison.count,
        "groups": comparison.groups,
    }
    if lines:
        _lines("difference", comparison.products)
        _lines("check", [said | {"moved": list(comparison.moved)}])
        return
    for row in comparison.products:
        told = ["sums"] if row["sums_differ"] else []
        told += [f"{column} {live} / {shadow}" for column, (live, shadow) in row["columns"].items()]
        typer.echo(f"{row['product_id']}: {', '.join(told)}")
    if comparison.moved:
        partitions = ", ".join(map(str, comparison.moved))
        typer.echo(f"live scoring has moved on in partitions {partitions}: stop it and use a new name")
    if comparison.equal:
        typer.echo(f"{name} is the live state, byte for byte")
    else:
        typer.echo(f"{comparison.count} products and {comparison.groups} groups differ (live / {name})")


def _lines(kind: str, rows: Iterable[Row]) -> None:
    for row in rows:
        typer.echo(json.dumps({"what": kind, **row}, ensure_ascii=False, default=str))


def _table(title: str | None, columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*(tame(_shown(row[column])) for column in columns))
    Console().print(table)


def _shown(value: object) -> str:
    if value is None:
        return NOBODY
    return f"{value:.1f}" if isinstance(value, float) else str(value)
