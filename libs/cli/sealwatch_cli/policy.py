"""``sealwatch policy``: check a document, show where its numbers come from, compare two versions."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from sealwatch.errors import Misconfigured
from sealwatch.risk.policy import Policy
from sealwatch.shell.db import open_engine
from sealwatch.shell.first_policy import EARLIER, shipped_as
from sealwatch.shell.policy_documents import (
    Document,
    Number,
    Unproven,
    Unreadable,
    Version,
    load_version,
    numbers_of,
    version_in,
)
from sealwatch.shell.settings import AdminSettings, load
from sealwatch.shell.succession import Change, Effect, differences, objections

EXIT_UNPROVEN, EXIT_UNREADABLE = 1, 2
MEANING = {
    Effect.RESCORING: "score anew, then switch",
    Effect.SWEEP: "at the sweep before its first day",
    Effect.DESCRIBED: "for products described from then on",
    Effect.TEXT: "read only",
}
policy = typer.Typer(help="Policy documents: the numbers and texts of the model.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document instead of a table")]
Named = Annotated[
    str, typer.Argument(help="a file, or a version of the registry; `default` is the shipped one")
]


@policy.command()
def check(
    file: Annotated[Path, typer.Argument(help="the document")],
    *,
    as_json: AsJson = False,
) -> None:
    """Check a document against the schema and the proof; exit code 1 if it is refused, 2 if unreadable."""
    try:
        version = load_version(file)
    except Unproven as error:
        faults = [fault._asdict() for fault in error.faults]
        lines = [f"{fault.path or '/'}: {fault.reason}" for fault in error.faults]
        _say(as_json, {"proven": False, "faults": faults}, lines)
        raise typer.Exit(EXIT_UNPROVEN) from None
    except Unreadable as error:
        raise _unreadable(error) from None
    name, digest = version.policy.version, version.digest
    said = {"proven": True, "version": name, "digest": digest, "faults": []}
    _say(
        as_json, said, [f"{file.name}: version {name} is total, monotone and without gaps (sha256 {digest})"]
    )


@policy.command()
def show(
    named: Annotated[
        str | None, typer.Argument(help="a file, or a version of the registry; the shipped one if none")
    ] = None,
    *,
    default: Annotated[bool, typer.Option("--default", help="the shipped policy")] = False,
    as_json: AsJson = False,
) -> None:
    """Show every number with its source, and which of them are our own choice."""
    if default and named is not None:
        raise typer.BadParameter(f"--default is the shipped policy; leave it out to see {named}")
    version = version_named(named or "default")
    numbers = numbers_of(version.document)
    said = {
        "version": version.policy.version,
        "digest": version.digest,
        "numbers": [number._asdict() for number in numbers],
        "document": version.document,
    }
    _say(
        as_json,
        said,
        [*_head(version), *_sampling(version.policy), *_matrix(version.document), *_numbers(numbers)],
    )


@policy.command()
def diff(old: Named, new: Named, *, as_json: AsJson = False) -> None:
    """Compare two versions path by path, and say what it takes for each difference to have its effect."""
    before, after = version_named(old).document, version_named(new).document
    changes = differences(before, after)
    refused = objections(before, after)
    said = {
        "old": before["version"],
        "new": after["version"],
        "adoptable": not refused,
        "differences": [change._asdict() for change in changes],
        "objections": [fault._asdict() for fault in refused],
    }
    _say(as_json, said, [*_changes(changes), *(f"not adopted: {f.path} {f.reason}" for f in refused)])


def _say(as_json: bool, said: Any, lines: Iterable[str]) -> None:  # noqa: ANN401, FBT001  # any JSON; a flag
    typer.echo(json.dumps(said, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))


def _unreadable(error: Misconfigured) -> typer.Exit:
    typer.echo(f"sealwatch: {error}", err=True)
    return typer.Exit(EXIT_UNREADABLE)


def version_named(named: str) -> Version:
    """Return the version of a file or of the registry, or end the command."""
    try:
        if named == "default":
            return load_version()
        return load_version(Path(named)) if _is_file(named) else asyncio.run(_registered(named))
    except Unreadable as error:
        raise _unreadable(error) from None


def _is_file(named: str) -> bool:
    """Return whether a file is meant, be it there or not: versions are named without folders."""
    return Path(named).exists() or "/" in named or named.endswith(".json")


async def _registered(named: str) -> Version:
    from sealwatch_api.queries.policies import find  # noqa: PLC0415  # files need neither api nor database

    engine = open_engine(_settings(named), "sealwatch_api", application="sealwatch-policy")
    try:
        async with engine.connect() as connection:
            row = await find(connection, named)
    finally:
        await engine.dispose()
    if row is not None:
        return version_in(row["document"])
    if named in EARLIER:
        return shipped_as(named)
    raise Unreadable(f"{named} is neither a file nor a version of the registry")


def _settings(named: str) -> AdminSettings:
    try:
        return load(AdminSettings)
    except Misconfigured as error:
        reason = f"{named} is no file, and without its settings no registry can be asked"
        raise Unreadable(f"{reason}: {error}") from None


def _head(version: Version) -> list[str]:
    policy = version.policy
    return [
        f"version {policy.version}, in force from {policy.effective_from}, by {policy.author}",
        f"source: {policy.source}",
        f"sha256 {version.digest}",
    ]


def _sampling(policy: Policy) -> list[str]:
    """Return which classes a plan samples, and under which one what it did not draw is summed."""
    modes = ", ".join(sorted(policy.planned_modes))
    said = {
        planned: f"in other modes than {modes}: {policy.targeted_sides[planned]}"
        if planned in policy.targeted_sides
        else "in every mode"
        for planned in sorted(policy.planned_classes)
    }
    return [f"sampled by a plan: {planned}; {modes_said}" for planned, modes_said in said.items()]


def _matrix(document: Document) -> list[str]:
    matrix = document["matrix"]
    bounds = matrix["bounds"]
    marks = [*(f"> {bound!r}" for bound in bounds), f"<= {bounds[-1]!r}" if bounds else "any"]
    severities = [str(place + 1) for place in range(len(matrix["rows"][0]))]
    table = [_row("probability", severities), *map(_row, marks, matrix["rows"])]
    confirmed = matrix["confirmed_by"] or "nobody: a person confirms the cells before official use"
    return ["", f"matrix {matrix['name']}: {matrix['source']}", f"confirmed by {confirmed}", *table]


def _row(mark: str, cells: Iterable[str]) -> str:
    return f"{mark:14}{''.join(f'{cell:10}' for cell in cells)}".rstrip()


def _numbers(numbers: list[Number]) -> list[str]:
    width = max(len(number.path) for number in numbers)
    digits = max(len(repr(number.value)) for number in numbers)
    ours = sum(number.ours for number in numbers)
    return [
        "",
        *(f"{n.path:{width}}  {n.value!r:{digits}}  {'ours' if n.ours else '':6}{n.source}" for n in numbers),
        "",
        f"{ours} of {len(numbers)} numbers are ours: no published source gives them, the centre owns them",
    ]


def _changes(changes: list[Change]) -> list[str]:
    if not changes:
        return ["the documents are the same"]
    return [f"{one.path}: {_short(one.old)} -> {_short(one.new)}  [{MEANING[one.effect]}]" for one in changes]


def _short(value: Any) -> str:  # noqa: ANN401  # any JSON
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False)
